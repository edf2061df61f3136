package io.sluice.plugin.discoverydns;

import java.util.List;
import org.xbill.DNS.Record;

/**
 * What name servers say to one question.
 *
 * @param records of the type asked for; empty where there is none
 * @param ttlSeconds how long that holds: the least of the records and of the aliases on the way, or
 *     for how long it holds that there is none (RFC 2308)
 * @param nameExists false for NXDOMAIN
 */
record Answer(List<Record> records, long ttlSeconds, boolean nameExists) {

  boolean isEmpty() {
    return records.isEmpty();
  }
}
