package io.aerodb.functions.worker.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressRulesTest {

    private final AddressRules rules = new AddressRules(List.of());

    @ParameterizedTest
    @ValueSource(strings = {
        "0.0.0.0", "0.0.0.1", "0.255.255.255", "10.0.0.0", "10.0.0.1", "10.255.255.255", "100.64.0.0", "100.64.0.1", "100.100.100.200", "100.127.255.255",
        "127.0.0.0", "127.0.0.1", "127.1.2.3", "127.255.255.255", "168.63.129.16", "169.254.0.0", "169.254.169.254", "169.254.170.2", "169.254.255.255",
        "172.16.0.0", "172.17.0.1", "172.31.255.255", "192.0.0.0", "192.0.0.170", "192.0.0.192", "192.0.2.1", "192.31.196.1", "192.52.193.1", "192.88.99.1",
        "192.168.0.0", "192.168.1.1", "192.168.255.255", "192.175.48.1", "198.18.0.0", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.7",
        "224.0.0.1", "239.255.255.250", "240.0.0.1", "250.1.2.3", "255.255.255.254", "255.255.255.255",
        "::", "::1", "::2", "::127.0.0.1", "::169.254.169.254", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe", "::ffff:0:127.0.0.1",
        "64:ff9b::a9fe:a9fe", "64:ff9b::7f00:1", "64:ff9b::8.8.8.8", "64:ff9b:1::1", "64:ff9b:1:ffff::a00:1", "100::1", "100:0:0:1::1", "200::1", "1fff::1",
        "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:1::1", "2001:2::1", "2001:4:112::1", "2001:10::1", "2001:20::1", "2001:1ff:ffff::1",
        "2001:db8::1", "2001:db8:ffff::1", "2002::1", "2002:a9fe:a9fe::1", "2002:7f00:1::", "2002:c0a8:101::1", "2620:4f:8000::1", "3ffe::1", "3fff::1",
        "3fff:fff::1", "4000::1", "5f00::1", "8000::1", "fc00::1", "fd00::1", "fd00:ec2::254", "fd12:3456::1", "fdff:ffff::1", "fe00::1", "fe80::1",
        "fe80::a9fe:a9fe", "febf::1", "fec0::1", "feff::1", "ff00::1", "ff02::1", "ff0e::1", "ffff:ffff::1"})
    void deniesWhatIsNotOfThePublicInternet(String address) throws Exception {
        assertFalse(rules.permits(InetAddress.getByName(address)), address);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0", "168.63.129.15",
        "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.0.3.0", "192.167.255.255", "192.169.0.0", "198.17.255.255",
        "198.20.0.0", "198.51.101.0", "203.0.112.255", "203.0.114.0", "223.255.255.255", "::ffff:8.8.8.8", "2001:200::1", "2001:4860:4860::8888",
        "2001:db7:ffff::1", "2001:db9::1", "2003::1", "2606:4700::1111", "2a00:1450::1", "3ffd::1", "3fff:1000::1"})
    void permitsWhatIs(String address) throws Exception {
        assertTrue(rules.permits(InetAddress.getByName(address)), address);
    }

    @ParameterizedTest
    @CsvSource({"10.1.0.0/16,10.1.2.3,true", "10.1.0.0/16,10.2.0.1,false", "10.1.0.0/16,8.8.8.8,true", "127.0.0.1/32,127.0.0.1,true",
        "127.0.0.1/32,127.0.0.2,false", "::1/128,::1,true", "::1/128,127.0.0.1,false", "fd00:1::/63,fd00:1:0:1::5,true", "fd00:1::/63,fd00:1:0:2::5,false",
        "10.0.0.0/8,::ffff:10.0.0.1,true", "10.0.0.0/8,64:ff9b::10.0.0.1,false", "10.0.0.0/8,2002:a00:1::1,false",
        "64:ff9b::/96,64:ff9b::8.8.8.8,true", "64:ff9b::/96,64:ff9b::169.254.169.254,false", "64:ff9b::/96,64:ff9b::10.0.0.1,false"})
    void permitsWhatTheOperatorOpened(String opened, String address, boolean permitted) throws Exception {
        assertEquals(permitted, new AddressRules(List.of(Network.parse(opened))).permits(InetAddress.getByName(address)));
    }

    @ParameterizedTest
    @CsvSource({"10.0.0.0/8,10.0.0.0/8", "0.0.0.0/0,0.0.0.0/0", "1.2.3.4/32,1.2.3.4/32", "10.128.0.0/9,10.128.0.0/9", "FD00::/8,fd00:0:0:0:0:0:0:0/8",
        "::/0,0:0:0:0:0:0:0:0/0", "::1/128,0:0:0:0:0:0:0:1/128"})
    void readsNetworks(String written, String canonical) {
        assertEquals(canonical, Network.parse(written).toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0.0/8/8", "10.0.0.1/8", "10/8", "0x0a.0.0.0/8",
        "::1", "::1/129", "fd00::1/8", "fd00::/8%eth0", "[fd00::]/8", "example.com/8", "::ffff:10.0.0.0/104", "/8", "10.0.0.0/99999999999"})
    void refusesWhatIsNoNetwork(String written) {
        var message = assertThrows(IllegalArgumentException.class, () -> Network.parse(written)).getMessage();
        assertTrue(Stream.of("no network", "prefix length", "bits set").anyMatch(message::contains), message);
    }
}
