package io.aerodb.functions.scheduler.replay;

import io.aerodb.functions.invocation.RecordPosition;
import io.aerodb.functions.scheduler.replay.RunningReplay.Position;

/** An invocation to be replayed: its row's key, and where its last request stands. */
record Original(Position position, RecordPosition request) {}
