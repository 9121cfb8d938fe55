-- What an invocation caused, and what replayed it, is asked for seldom; most rows have neither and stand in neither index.

CREATE INDEX function_invocations_by_cause ON aerodb.function_invocations (cause, accepted_at DESC, id DESC) WHERE cause IS NOT NULL;
CREATE INDEX function_invocations_by_replay ON aerodb.function_invocations (replay_of, accepted_at DESC, id DESC) WHERE replay_of IS NOT NULL;
