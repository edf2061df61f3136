/**
 * TLS on both sides: certificates and their choice by server name, session tickets, trust, and the
 * handlers of connections. Start reading at {@link io.sluice.core.transport.tls.ServerTls}.
 */
@NullMarked
package io.sluice.core.transport.tls;

import org.jspecify.annotations.NullMarked;
