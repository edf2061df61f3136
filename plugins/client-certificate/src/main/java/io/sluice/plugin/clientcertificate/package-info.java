/**
 * Tells endpoints which certificate a client showed. Start reading at {@link
 * io.sluice.plugin.clientcertificate.ClientCertificateMiddleware}.
 */
@NullMarked
package io.sluice.plugin.clientcertificate;

import org.jspecify.annotations.NullMarked;
