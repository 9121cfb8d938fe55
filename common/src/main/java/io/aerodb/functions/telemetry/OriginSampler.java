package io.aerodb.functions.telemetry;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.opentelemetry.sdk.trace.samplers.SamplingResult;
import java.util.List;

/** Keeps a trace that goes back to another one if that one is kept, so that a retry is seen wherever the first attempt is. */
final class OriginSampler implements Sampler {

    private final Sampler others;

    /** @param others decides on traces that go back to none */
    OriginSampler(Sampler others) {
        this.others = others;
    }

    @Override
    public SamplingResult shouldSample(Context parent, String traceId, String name, SpanKind kind, Attributes attributes, List<LinkData> links) {
        if (links.isEmpty()) {
            return others.shouldSample(parent, traceId, name, kind, attributes, links);
        }
        return links.stream().anyMatch(link -> link.getSpanContext().isSampled()) ? SamplingResult.recordAndSample() : SamplingResult.drop();
    }

    @Override
    public String getDescription() {
        return "OriginSampler{" + others.getDescription() + "}";
    }

    @Override
    public String toString() {
        return getDescription();
    }
}
