package io.aerodb.functions.gateway.function;

import io.aerodb.functions.function.DeployedFunction;
import io.aerodb.functions.trigger.DatabaseTrigger;
import io.aerodb.functions.trigger.FireTimes;
import io.aerodb.functions.trigger.KeptTrigger;
import io.aerodb.functions.trigger.ScheduleTrigger;
import io.aerodb.functions.trigger.TriggerJson;
import io.aerodb.functions.trigger.WebhookTrigger;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;

/** The triggers of a function as the API shows them: with their ids, and with what follows from their definitions. */
final class FunctionTriggers {

    private static final int NEXT_FIRES = 5;

    private FunctionTriggers() {}

    static JsonArray describe(DeployedFunction function, Instant now) {
        var shown = new JsonArray();
        for (var trigger : function.config().triggers()) {
            var json = new JsonObject().put("id", trigger.id(function.id()).toString());
            TriggerJson.shown(trigger).forEach(json::put);
            switch (trigger) {
                case ScheduleTrigger schedule -> json.put("next_fires", function.config().enabled() ? nextFires(schedule, now) : new JsonArray());
                case DatabaseTrigger _, KeptTrigger _, WebhookTrigger _ -> { }
            }
            shown.add(json);
        }
        return shown;
    }

    private static JsonArray nextFires(ScheduleTrigger schedule, Instant now) {
        return new JsonArray(FireTimes.of(schedule).next(now, NEXT_FIRES).stream().map(Instant::toString).toList());
    }
}
