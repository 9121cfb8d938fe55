package io.aerodb.functions.trigger;

import io.aerodb.functions.invocation.InvocationId;
import java.util.Map;
import java.util.UUID;

/** Something that runs a function without a call. */
public sealed interface Trigger permits DatabaseTrigger, KeptTrigger, ScheduleTrigger, WebhookTrigger {

    /** Its member {@code type}. */
    String type();

    /**
     * All members but {@code type}, as an author would write them, in the order in which they are shown. A trigger's id follows from
     * them, so one that is added to a type later must be left out where it has its default.
     */
    Map<String, Object> members();

    /**
     * Names this trigger of a function. It follows from the definition alone: a trigger keeps its id, and with that its state, over
     * deployments until it is changed.
     */
    default UUID id(UUID functionId) {
        return InvocationId.named(functionId, "trigger", TriggerJson.write(this)).value();
    }
}
