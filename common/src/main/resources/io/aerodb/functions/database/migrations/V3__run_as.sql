-- Whose rights an invocation had, where they were not its caller's.

ALTER TABLE aerodb.function_invocations ADD COLUMN run_as text;
COMMENT ON COLUMN aerodb.function_invocations.run_as IS 'role of its queries; null where it was not run';
