/** Where certificates come from. Start reading at {@link io.sluice.api.tls.CertificateSource}. */
@NullMarked
package io.sluice.api.tls;

import org.jspecify.annotations.NullMarked;
