package io.sluice.core.route;

import io.sluice.api.http.RequestHead;
import io.sluice.core.http.Cidr;
import java.net.InetAddress;
import java.util.List;

/** Asks for a client in one of several address blocks. */
record ClientCondition(List<Cidr> blocks) implements Condition {

  @Override
  public boolean test(RequestHead head, MatchInput input) {
    InetAddress client = input.client();
    if (client == null) {
      return false;
    }
    for (int i = 0; i < blocks.size(); i++) {
      if (blocks.get(i).contains(client)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public String whyNot(RequestHead head, MatchInput input) {
    InetAddress client = input.client();
    String text = client == null ? "without an address" : client.getHostAddress();
    return "client is " + text + ", not in " + Words.anyOf(blocks);
  }

  boolean covers(ClientCondition other) {
    return other.blocks.stream()
        .allMatch(theirs -> blocks.stream().anyMatch(mine -> mine.contains(theirs)));
  }
}
