package io.sluice.plugin.certificateselfsigned;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Names as a certificate lists them (RFC 5280 §4.2.1.6, GeneralName). */
final class SubjectName {

  private static final int DNS_NAME = 0x82;
  private static final int IP_ADDRESS = 0x87;

  private SubjectName() {}

  /** Whether it is an address literal; nothing is looked up. */
  static boolean isAddress(String name) {
    // Of these characters the JDK makes an address or nothing: it asks nobody.
    boolean literal =
        name.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}")
            || name.matches("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");
    return literal && address(name) != null;
  }

  private static byte @Nullable [] address(String literal) {
    try {
      return InetAddress.getAllByName(literal)[0].getAddress();
    } catch (UnknownHostException e) {
      return null;
    }
  }

  static byte[] encode(String name) {
    byte[] address = isAddress(name) ? address(name) : null;
    return address == null
        ? Der.element(DNS_NAME, name.getBytes(StandardCharsets.US_ASCII))
        : Der.element(IP_ADDRESS, address);
  }
}
