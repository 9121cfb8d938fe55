// uppercase: answers with its payload, its ASCII letters in upper case.

// The host's functions. Every module imports them from "aerodb_v1".
#define HOST(name) __attribute__((import_module("aerodb_v1"), import_name(name)))

// Copies up to cap bytes of the payload to dst, and returns how long the whole payload is.
HOST("input_read") int input_read(void *dst, int cap);
// Appends to the answer.
HOST("output_write") void output_write(const void *ptr, int len);
// Writes a line to the log. Levels: 0 debug, 1 info, 2 warn, 3 error, 4 fatal.
HOST("log") void log_line(int level, const char *ptr, int len);

static char payload[64 * 1024];

// Called once for each invocation, in a fresh instance. 0 is success; anything else is a function error.
__attribute__((export_name("handler"))) int handler(void) {
    int len = input_read(payload, sizeof payload);
    if (len > (int) sizeof payload) {
        static const char message[] = "the payload is longer than 64 KiB";
        log_line(3, message, sizeof message - 1);
        return 1;
    }
    for (int i = 0; i < len; i++) {
        if (payload[i] >= 'a' && payload[i] <= 'z') {
            payload[i] -= 'a' - 'A';
        }
    }
    output_write(payload, len);
    return 0;
}
