package io.aerodb.functions.trigger;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A trigger in the registry of which this service does not understand everything: a newer one wrote it, or one whose Java knows more time
 * zones. It runs nothing here, and is kept word for word whenever the function's configuration is written.
 *
 * @param definition all members, as the registry has them
 */
public record KeptTrigger(Map<String, Object> definition) implements Trigger {

    private static final String UNNAMED = "unknown";

    public KeptTrigger {
        definition = Collections.unmodifiableMap(new LinkedHashMap<>(definition)); // in their order, and some may be null
    }

    @Override
    public String type() {
        return definition.get(TriggerJson.TYPE) instanceof String type ? type : UNNAMED;
    }

    @Override
    public Map<String, Object> members() {
        var members = new LinkedHashMap<>(definition);
        members.remove(TriggerJson.TYPE);
        return members;
    }
}
