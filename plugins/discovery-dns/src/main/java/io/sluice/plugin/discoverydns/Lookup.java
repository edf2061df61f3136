package io.sluice.plugin.discoverydns;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.NameTooLongException;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/**
 * Answers one question, the way the stub resolver of the C library does: the search list of
 * resolv.conf(5), name servers one after the other and twice around, aliases followed (RFC 1034
 * §3.6.2), a truncated answer asked for again over TCP. Blocks; for threads that may.
 */
final class Lookup {

  /** Aliases in a row; longer chains are loops. */
  private static final int MAX_ALIASES = 8;

  /** Times that every name server is asked. */
  private static final int ROUNDS = 2;

  /** How long it holds that there is no record where no SOA record says (RFC 2308 §5 caps it). */
  private static final long NEGATIVE_TTL_SECONDS = 30;

  private final NameServers nameServers;
  private final List<SimpleResolver> resolvers = new ArrayList<>();

  Lookup(NameServers nameServers, Duration timeout, Wire wire) {
    this.nameServers = nameServers;
    for (InetSocketAddress server : nameServers.servers()) {
      SimpleResolver resolver = new SimpleResolver(server);
      resolver.setTimeout(timeout);
      resolver.setIoClientFactory(wire);
      resolvers.add(resolver);
    }
  }

  /** Whether {@code text} can be asked for. */
  static boolean isName(String text) {
    try {
      return !text.isEmpty()
          && text.matches("[A-Za-z0-9._-]+")
          && !Name.fromString(text, Name.root).equals(Name.root);
    } catch (TextParseException e) {
      return false;
    }
  }

  /** Asks; the first name of the search list that has such records answers. */
  Answer ask(String name, int type) throws LookupFailed {
    Answer none = new Answer(List.of(), NEGATIVE_TTL_SECONDS, false);
    boolean exists = false;
    for (Name candidate : candidates(name)) {
      Answer answer = exactly(candidate, type);
      if (!answer.isEmpty()) {
        return answer;
      }
      exists |= answer.nameExists();
      none = answer;
    }
    return new Answer(List.of(), none.ttlSeconds(), exists);
  }

  private List<Name> candidates(String text) throws LookupFailed {
    try {
      List<Name> names = new ArrayList<>();
      if (!text.endsWith(".")) {
        Name relative = Name.fromString(text);
        for (Name domain : nameServers.search()) {
          addJoined(names, relative, domain);
        }
        long dots = text.chars().filter(each -> each == '.').count();
        int place = dots >= nameServers.ndots() ? 0 : names.size();
        names.add(place, Name.fromString(text, Name.root));
      } else {
        names.add(Name.fromString(text));
      }
      return names;
    } catch (TextParseException e) {
      throw new LookupFailed("\"" + text + "\" is no DNS name", e);
    }
  }

  private static void addJoined(List<Name> names, Name relative, Name domain) {
    try {
      names.add(Name.concatenate(relative, domain));
    } catch (NameTooLongException e) {
      // such a name cannot exist, so there is nothing to ask
    }
  }

  private Answer exactly(Name name, int type) throws LookupFailed {
    Name at = name;
    long ttl = Long.MAX_VALUE;
    for (int aliases = 0; aliases <= MAX_ALIASES; ) {
      Message message = query(at, type);
      boolean exists = message.getRcode() != Rcode.NXDOMAIN;
      boolean moved = false;
      while (true) {
        List<Record> found = named(message, at, type);
        if (!found.isEmpty()) {
          return new Answer(found, Math.min(ttl, least(found)), true);
        }
        List<Record> alias = named(message, at, Type.CNAME);
        if (alias.isEmpty() || ++aliases > MAX_ALIASES) {
          break;
        }
        ttl = Math.min(ttl, least(alias));
        at = ((CNAMERecord) alias.get(0)).getTarget();
        moved = true;
      }
      if (!moved || !exists) {
        return new Answer(List.of(), Math.min(ttl, negativeTtl(message)), exists);
      }
    }
    throw new LookupFailed(name + ": more than " + MAX_ALIASES + " aliases in a row", null);
  }

  private static List<Record> named(Message message, Name name, int type) {
    List<Record> found = new ArrayList<>();
    for (Record each : message.getSection(Section.ANSWER)) {
      if (each.getType() == type && each.getDClass() == DClass.IN && each.getName().equals(name)) {
        found.add(each);
      }
    }
    return found;
  }

  private static long least(List<Record> records) {
    return records.stream().mapToLong(Record::getTTL).min().orElse(0);
  }

  private static long negativeTtl(Message message) {
    for (Record each : message.getSection(Section.AUTHORITY)) {
      if (each instanceof SOARecord soa) {
        return Math.min(soa.getTTL(), soa.getMinimum());
      }
    }
    return NEGATIVE_TTL_SECONDS;
  }

  private Message query(Name name, int type) throws LookupFailed {
    Record question = Record.newRecord(name, type, DClass.IN);
    String what = Type.string(type) + " " + name;
    LookupFailed last = new LookupFailed(what + ": no name server", null);
    for (int round = 0; round < ROUNDS; round++) {
      for (SimpleResolver resolver : resolvers) {
        String server = text(resolver.getAddress());
        try {
          Message message = send(resolver, Message.newQuery(question));
          int rcode = message.getRcode();
          if (rcode == Rcode.NOERROR || rcode == Rcode.NXDOMAIN) {
            return message;
          }
          last = new LookupFailed(what + ": " + server + " says " + Rcode.string(rcode), null);
        } catch (IOException e) {
          last = new LookupFailed(what + ": " + server + ": " + reason(e), e);
        }
      }
    }
    throw last;
  }

  /** The wire blocks, so the stage is complete when it is handed out. */
  private static Message send(SimpleResolver resolver, Message query) throws IOException {
    CompletableFuture<Message> stage =
        resolver.sendAsync(query, Runnable::run).toCompletableFuture();
    try {
      @Nullable Message message = stage.getNow(null);
      if (message == null) {
        throw new IOException("no answer");
      }
      return message;
    } catch (CompletionException e) {
      throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
    }
  }

  private static String text(InetSocketAddress server) {
    return server.getAddress().getHostAddress() + " port " + server.getPort();
  }

  /** The same for the same trouble. */
  private static String reason(IOException e) {
    if (e instanceof java.net.SocketTimeoutException) {
      return "no answer in time";
    }
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
