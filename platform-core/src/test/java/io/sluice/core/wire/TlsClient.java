package io.sluice.core.wire;

import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/** Clients of the JDK's TLS, which shares no code with the proxy's. */
final class TlsClient {

  private final SSLContext context;
  private String[] protocols = {"TLSv1.3", "TLSv1.2"};
  private @Nullable String serverName;
  private String[] alpn = {};

  /**
   * A client.
   *
   * @param identity whom it shows itself as, or null
   */
  TlsClient(X509Bundle trusted, @Nullable X509Bundle identity) {
    try {
      context = SSLContext.getInstance("TLS");
      KeyManager[] keys = identity == null ? null : identity.toKeyManagerFactory().getKeyManagers();
      context.init(keys, new TrustManager[] {trusted.toTrustManager()}, null);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  TlsClient protocols(String... only) {
    protocols = only;
    return this;
  }

  TlsClient serverName(@Nullable String name) {
    serverName = name;
    return this;
  }

  TlsClient alpn(String... offered) {
    alpn = offered;
    return this;
  }

  /** Connects and shakes hands. */
  SSLSocket connect(int port) throws IOException {
    return connect(new Socket(InetAddress.getLoopbackAddress(), port));
  }

  /** Shakes hands over a connection. */
  SSLSocket connect(Socket plain) throws IOException {
    plain.setTcpNoDelay(true);
    SSLSocket socket =
        (SSLSocket)
            context.getSocketFactory().createSocket(plain, "127.0.0.1", plain.getPort(), true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setProtocols(protocols);
    parameters.setApplicationProtocols(alpn);
    if (serverName != null) {
      parameters.setServerNames(List.of(new SNIHostName(serverName)));
    }
    socket.setSSLParameters(parameters);
    socket.setSoTimeout(10_000);
    try {
      socket.startHandshake();
    } catch (IOException e) {
      socket.close();
      throw e;
    }
    return socket;
  }

  /** A connected client of HTTP. */
  RawClient open(int port) {
    try {
      return new RawClient(connect(port));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The common name of the certificate that the server shows. */
  String subject(int port) {
    try (SSLSocket socket = connect(port)) {
      return subject(socket);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String subject(SSLSocket socket) throws SSLPeerUnverifiedException {
    X509Certificate leaf = (X509Certificate) socket.getSession().getPeerCertificates()[0];
    return leaf.getSubjectX500Principal().getName().replace("CN=", "");
  }
}
