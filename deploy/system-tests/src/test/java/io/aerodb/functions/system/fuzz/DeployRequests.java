package io.aerodb.functions.system.fuzz;

import static io.aerodb.functions.system.fuzz.Texts.mostly;
import static org.quicktheories.generators.Generate.constant;
import static org.quicktheories.generators.Generate.oneOf;
import static org.quicktheories.generators.Generate.pick;
import static org.quicktheories.generators.SourceDSL.lists;

import io.aerodb.functions.identity.Role;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.quicktheories.core.Gen;

/** Requests to {@code /deploy}: from proper ones to bodies that are no forms at all. */
public final class DeployRequests {

    private static final String BOUNDARY = "the-boundary";
    private static final String TYPE = "Content-Type: multipart/form-data; boundary=" + BOUNDARY;

    private static final List<List<String>> WRONG_TYPES = List.of(
            List.of(), List.of("Content-Type: application/json"), List.of("Content-Type: multipart/form-data"), List.of("Content-Type: multipart/form-data; boundary="),
            List.of("Content-Type: multipart/form-data; boundary=\"" + BOUNDARY + "\""), List.of("Content-Type: multipart/form-data; boundary=other"),
            List.of("Content-Type: multipart/form-data; charset=x-none; boundary=" + BOUNDARY), List.of("Content-Type: multipart/mixed; boundary=" + BOUNDARY),
            List.of("Content-Type: MULTIPART/FORM-DATA; BOUNDARY=" + BOUNDARY), List.of(TYPE, TYPE), List.of("Content-Type: multipart/form-data;;;=;boundary"),
            List.of(TYPE, "Content-Encoding: gzip"), List.of("Content-Type: application/x-www-form-urlencoded"));

    private static final List<String> WRONG_DISPOSITIONS = List.of(
            "", "Content-Disposition: form-data", "Content-Disposition: form-data; name=\"", "Content-Disposition: attachment; filename=x",
            "Content-Disposition: form-data; name=wasm; filename*=UTF-8''%ff", "Content-Disposition: form-data; name=wasm; filename*=nowhere''x",
            "Content-Disposition: form-data; name=\"wasm\"; filename=\"../../x\"\r\nContent-Type: text/plain; charset=x-none",
            "Content-Disposition: form-data; name=\"config\"\r\nContent-Transfer-Encoding: moon", "no header at all", ": ",
            "Content-Disposition: form-data; name=\"name\"\r\nContent-Type: text/plain; charset=utf-16",
            "Content-Disposition: form-data; name=\"wasm\"; filename=\"x\"\r\nContent-Type: multipart/mixed; boundary=inner",
            "Content-Disposition: form-data; name=\"config\"\r\nContent-Length: -1", "Content-Disposition: form-data; name=\"other\"");

    private DeployRequests() {}

    public static Gen<RawRequest> any() {
        var type = mostly(mostly(constant(List.of(TYPE)), pick(WRONG_TYPES)), constant(List.of(TYPE)));
        return method().zip(target(), Texts.caller(Role.SERVICE), type, body(),
                (method, target, caller, contentType, body) -> new RawRequest(method, target, Stream.concat(caller.stream(), contentType.stream()).toList(), body));
    }

    private static Gen<String> method() {
        return mostly(mostly(constant("POST"), pick(List.of("PUT", "PATCH", "post", "DEPLOY"))), constant("POST"));
    }

    private static Gen<String> target() {
        return mostly(constant("/functions/v1/deploy"), pick(List.of("/functions/v1/deploy?x=%", "/functions/v1/deploy/", "/functions/v1//deploy", "/functions/v1/deploy?name=a")));
    }

    private static Gen<byte[]> body() {
        var proper = Texts.functionName().zip(Modules.any(), Configs.any(), (name, module, config) -> form(List.of(
                part("Content-Disposition: form-data; name=\"name\"", name.getBytes(StandardCharsets.ISO_8859_1)),
                part("Content-Disposition: form-data; name=\"wasm\"; filename=\"a.wasm\"", module),
                part("Content-Disposition: form-data; name=\"config\"", config.getBytes(StandardCharsets.UTF_8)))));
        var known = pick(List.of("fuzz-a", "fuzz-b", "fuzz-c", "fuzz-d")).zip(Modules.any(), Configs.any(), (name, module, config) -> form(List.of(
                part("Content-Disposition: form-data; name=\"config\"", config.getBytes(StandardCharsets.UTF_8)),
                part("Content-Disposition: form-data; name=\"wasm\"; filename=\"a.wasm\"\r\nContent-Type: application/wasm", module),
                part("Content-Disposition: form-data; name=\"name\"", name.getBytes(StandardCharsets.UTF_8)))));
        var odd = lists().of(oddPart()).ofSizeBetween(0, 6).map(DeployRequests::form);
        var none = Texts.any(200).map(text -> text.getBytes(StandardCharsets.ISO_8859_1));
        return oneOf(known, known, known, known, known, proper, odd, Mutations.of(known), none);
    }

    private static Gen<byte[]> oddPart() {
        var content = oneOf(Texts.functionName().map(name -> name.getBytes(StandardCharsets.ISO_8859_1)), Modules.any(), Configs.any().map(config -> config.getBytes(StandardCharsets.UTF_8)));
        var name = pick(List.of("name", "wasm", "config", "", "NAME", "x"));
        var disposition = oneOf(name.map(it -> "Content-Disposition: form-data; name=\"" + it + "\""),
                name.map(it -> "Content-Disposition: form-data; name=" + it + "; filename=x"), pick(WRONG_DISPOSITIONS));
        return disposition.zip(content, DeployRequests::part);
    }

    private static byte[] part(String headers, byte[] content) {
        var bytes = new ByteArrayOutputStream();
        bytes.writeBytes((headers + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
        bytes.writeBytes(content);
        return bytes.toByteArray();
    }

    private static byte[] form(List<byte[]> parts) {
        var bytes = new ByteArrayOutputStream();
        for (var part : parts) {
            bytes.writeBytes(("--" + BOUNDARY + "\r\n").getBytes(StandardCharsets.US_ASCII));
            bytes.writeBytes(part);
            bytes.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
        }
        bytes.writeBytes(("--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.US_ASCII));
        return bytes.toByteArray();
    }
}
