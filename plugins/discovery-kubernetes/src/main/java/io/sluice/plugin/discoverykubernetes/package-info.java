/**
 * Finds the endpoints of a Kubernetes Service. Start reading at {@link
 * io.sluice.plugin.discoverykubernetes.KubernetesDiscovery}; what slices mean is in {@code
 * SliceEndpoints}, and only {@code SliceWatch} touches the client library, so that it is loaded by
 * those alone who use it.
 */
@NullMarked
package io.sluice.plugin.discoverykubernetes;

import org.jspecify.annotations.NullMarked;
