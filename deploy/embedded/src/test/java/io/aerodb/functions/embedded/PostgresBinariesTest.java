package io.aerodb.functions.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PostgresBinariesTest {

    @ParameterizedTest
    @CsvSource({
        "Linux, amd64, linux-x86_64",
        "Linux, aarch64, linux-arm_64",
        "Mac OS X, x86_64, darwin-x86_64",
        "Mac OS X, aarch64, darwin-arm_64",
        "Windows 11, amd64, windows_11-x86_64",
        "Linux, riscv64, linux-riscv64"
    })
    void namesThePlatformAsTheArchivesDo(String osName, String osArch, String platform) {
        assertEquals(platform, PostgresBinaries.platform(osName, osArch));
    }
}
