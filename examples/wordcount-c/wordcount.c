// wordcount: counts the lines, words and bytes of its payload. An ordinary C program, and so a function: what it reads is the
// payload, what it prints is the answer, what it complains goes to the log, and another exit status than 0 is a function error.

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

int main(void) {
    // the environment has the function's own variables, and no others
    const char *limit = getenv("MAX_WORDS");
    long lines = 0, words = 0, bytes = 0;
    int c, in_word = 0;
    while ((c = getchar()) != EOF) {
        bytes++;
        lines += c == '\n';
        if (isspace(c)) {
            in_word = 0;
        } else if (!in_word) {
            in_word = 1;
            words++;
        }
    }
    if (limit != NULL && words > strtol(limit, NULL, 10)) {
        fprintf(stderr, "%ld words are more than MAX_WORDS=%s\n", words, limit);
        return 2;
    }
    fprintf(stderr, "counted %ld words\n", words);
    printf("{\"lines\": %ld, \"words\": %ld, \"bytes\": %ld}\n", lines, words, bytes);
    return 0;
}
