package io.sluice.plugin.discoverykubernetes;

import io.sluice.api.config.ConfigSection;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The keys of the {@code kubernetes} discovery.
 *
 * @param service the Service
 * @param namespace its namespace, or null for that of the service account or the kubeconfig
 * @param port name or number of the port in the slices, or null where they have only one
 * @param family which addresses are taken
 * @param apiServer URL, or null for what the pod or the kubeconfig says
 * @param tokenFile a bearer token for {@code apiServer}, or null
 * @param certificateAuthority PEM file for {@code apiServer}, or null
 * @param kubeconfig file, or null for the usual places
 */
record KubernetesDiscoveryConfig(
    String service,
    @Nullable String namespace,
    @Nullable String port,
    Family family,
    @Nullable String apiServer,
    @Nullable Path tokenFile,
    @Nullable Path certificateAuthority,
    @Nullable Path kubeconfig) {

  /** Address families. */
  enum Family {
    ANY,
    IPV4,
    IPV6;

    /** Whether slices of that address type are taken. */
    boolean takes(@Nullable String addressType) {
      return this == ANY || name().equalsIgnoreCase(addressType);
    }
  }

  /** RFC 1123 label, as names of Services and namespaces are. */
  private static final String LABEL = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?";

  private static final String NAME_EXPECTED = "small letters, digits and -, at most 63";

  static KubernetesDiscoveryConfig decode(ConfigSection config) {
    String apiServer =
        config
            .string("api-server")
            .describe("URL of the API server; unset: of the pod's own cluster, or by kubeconfig")
            .check(
                url -> url.toLowerCase(Locale.ROOT).matches("https?://[^ ]+"), "https://host:port")
            .optional()
            .orElse(null);
    Path tokenFile =
        config
            .file("token-file")
            .describe("file with the bearer token for api-server, read again when it changes")
            .optional()
            .orElse(null);
    Path authority =
        config
            .file("ca")
            .describe("PEM file with the certificates that api-server's is signed by")
            .optional()
            .orElse(null);
    Path kubeconfig =
        config
            .file("kubeconfig")
            .describe("a kubeconfig file; unset: KUBECONFIG, then ~/.kube/config")
            .optional()
            .orElse(null);
    if (apiServer == null) {
      needsServer(config, "token-file", tokenFile);
      needsServer(config, "ca", authority);
    } else if (kubeconfig != null) {
      config.problem("kubeconfig", "stands beside api-server", "one of the two");
    }
    return new KubernetesDiscoveryConfig(
        config
            .string("service")
            .describe("the Service whose endpoints are wanted")
            .check(name -> name.matches(LABEL), NAME_EXPECTED)
            .required(),
        config
            .string("namespace")
            .describe("its namespace; unset: that of the service account, or of the kubeconfig")
            .check(name -> name.matches(LABEL), NAME_EXPECTED)
            .optional()
            .orElse(null),
        config
            .string("port")
            .describe("name of the Service's port, or number of the pods'; unset: the only one")
            .check(KubernetesDiscoveryConfig::isPort, "a name such as http, or 1 to 65535")
            .optional()
            .orElse(null),
        config
            .choice("family", Family.class)
            .describe("which addresses are taken")
            .orElse(Family.ANY),
        apiServer,
        tokenFile,
        authority,
        kubeconfig);
  }

  private static void needsServer(ConfigSection config, String key, @Nullable Path value) {
    if (value != null) {
      config.problem(key, "says nothing without api-server", "api-server beside it");
    }
  }

  private static boolean isPort(String text) {
    if (text.matches("[0-9]{1,5}")) {
      int number = Integer.parseInt(text);
      return number > 0 && number <= 65_535;
    }
    return text.matches(LABEL);
  }
}
