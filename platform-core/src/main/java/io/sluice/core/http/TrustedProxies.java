package io.sluice.core.http;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The proxies whose word about the client's address is believed. Immutable; usable from any thread.
 *
 * <p>Each proxy on the way appends the address that it saw, so the list is read from its right end
 * and only as long as the one who wrote the entry is trusted: the first address that is not a
 * trusted proxy's is the client's. Behind an entry that is no address (garbage, {@code unknown}, an
 * obfuscated identifier) nothing is believed.
 */
public final class TrustedProxies {

  /** Trusts nobody. */
  public static final TrustedProxies NONE = new TrustedProxies(List.of());

  private final Cidr[] blocks;

  /** Trusts the addresses in {@code blocks}. */
  public TrustedProxies(List<Cidr> blocks) {
    this.blocks = blocks.toArray(new Cidr[0]);
  }

  /** Whether {@code address} is a trusted proxy's. */
  public boolean trusts(InetAddress address) {
    for (Cidr block : blocks) {
      if (block.contains(address)) {
        return true;
      }
    }
    return false;
  }

  /**
   * The client's address. {@code X-Forwarded-For} wins where both fields are there: proxies that
   * write only {@code Forwarded} must take it away.
   *
   * @param peer the other end of the connection
   * @param forwardedFor the values of the {@code X-Forwarded-For} lines, in order
   * @param forwarded the values of the {@code Forwarded} lines (RFC 7239), in order
   * @return the nearest address that is not a trusted proxy's; the farthest known where all are
   */
  public InetAddress clientOf(InetAddress peer, List<String> forwardedFor, List<String> forwarded) {
    if (blocks.length == 0 || !trusts(peer)) {
      return peer;
    }
    InetAddress known = peer;
    List<String> nodes = forwardedFor.isEmpty() ? ForwardedNodes.of(forwarded) : list(forwardedFor);
    for (int i = nodes.size() - 1; i >= 0; i--) {
      InetAddress address = address(nodes.get(i));
      if (address == null) {
        return known;
      }
      known = address;
      if (!trusts(known)) {
        return known;
      }
    }
    return known;
  }

  /** The members of a comma-separated list, empty ones left out (RFC 9110 §5.6.1.2). */
  private static List<String> list(List<String> lines) {
    List<String> members = new ArrayList<>();
    for (String line : lines) {
      int from = 0;
      while (from <= line.length()) {
        int comma = line.indexOf(',', from);
        int end = comma < 0 ? line.length() : comma;
        String member = line.substring(from, end).strip();
        if (!member.isEmpty()) {
          members.add(member);
        }
        from = end + 1;
      }
    }
    return members;
  }

  /** The address in {@code a}, {@code a:port}, {@code [a]} or {@code [a]:port}, or null. */
  private static @Nullable InetAddress address(String node) {
    if (node.startsWith("[")) {
      int bracket = node.indexOf(']');
      boolean wellFormed = bracket > 0 && isPort(node, bracket + 1);
      String inside = wellFormed ? node.substring(1, bracket) : "";
      return inside.indexOf(':') < 0 ? null : Cidr.literal(inside);
    }
    int colon = node.indexOf(':');
    if (colon >= 0 && node.indexOf(':', colon + 1) < 0) {
      return isPort(node, colon) ? Cidr.literal(node.substring(0, colon)) : null;
    }
    return Cidr.literal(node);
  }

  /** Whether {@code node} ends at {@code from}, or has a colon and a port there (RFC 7239 §6). */
  private static boolean isPort(String node, int from) {
    if (from == node.length()) {
      return true;
    }
    int digits = node.length() - from - 1;
    if (node.charAt(from) != ':' || digits < 1) {
      return false;
    }
    String port = node.substring(from + 1);
    return digits <= 5 && port.chars().allMatch(c -> c >= '0' && c <= '9');
  }
}
