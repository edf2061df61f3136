/**
 * Finds endpoints by DNS: the addresses of a name, or the targets of an SRV record. Start reading
 * at {@link io.sluice.plugin.discoverydns.DnsDiscovery}.
 *
 * <ol>
 *   <li>{@code DnsDiscovery} asks again and again, and decides what an answer or its absence means.
 *   <li>{@code Round} puts the questions of one time together and their answers into endpoints.
 *   <li>{@code Lookup} answers one question: search list, name servers, aliases.
 *   <li>{@code Wire} carries messages; dnsjava writes and reads them.
 * </ol>
 */
@NullMarked
package io.sluice.plugin.discoverydns;

import org.jspecify.annotations.NullMarked;
