/**
 * Certificates and keys from PEM and PKCS#12 files. Start reading at {@link
 * io.sluice.plugin.certificatefile.FileCertificates}.
 */
@NullMarked
package io.sluice.plugin.certificatefile;

import org.jspecify.annotations.NullMarked;
