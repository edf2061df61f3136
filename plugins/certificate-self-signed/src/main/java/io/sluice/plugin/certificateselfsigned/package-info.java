/**
 * Certificates that nobody vouches for, for demonstrations. Start reading at {@link
 * io.sluice.plugin.certificateselfsigned.SelfSignedCertificates}.
 */
@NullMarked
package io.sluice.plugin.certificateselfsigned;

import org.jspecify.annotations.NullMarked;
