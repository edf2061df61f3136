package io.sluice.core.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.error.ErrorKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class GrpcErrorsTest {

  @ParameterizedTest
  @CsvSource({
    "application/grpc,true",
    "Application/GRPC,true",
    "application/grpc+proto,true",
    "application/grpc; charset=utf-8,true",
    "application/grpc ;x=y,true",
    "application/grpc-web,false",
    "application/grpc-web-text+proto,false",
    "application/grpcx,false",
    "application/grp,false",
    "text/plain,false",
    ",false"
  })
  void knowsCallsByTheirContent(String type, boolean call) {
    ByteHeaders request = new ByteHeaders();
    if (type != null) {
      request.set("Content-Type", type);
    }
    assertThat(GrpcErrors.isCall(request)).isEqualTo(call);
  }

  @Test
  void writesTheCodeAndWhatItIsAbout() {
    ByteHeaders response = new ByteHeaders();
    GrpcErrors.write(response, ErrorKind.NO_ROUTE, "x-1", "nothing at 100 %");
    assertThat(response.get("content-type")).isEqualTo("application/grpc");
    assertThat(response.get("grpc-status")).isEqualTo("12");
    assertThat(response.get("grpc-message"))
        .isEqualTo("no_route: nothing at 100 %25 (exchange x-1)");
    assertThat(response.get("proxy-status"))
        .isEqualTo("sluice; error=destination_not_found; details=\"nothing at 100 %\"");
  }

  @Test
  void encodesMessagesAsGrpcWantsThem() {
    assertThat(GrpcErrors.encoded("a ~%\u00e9\n\u007f")).isEqualTo("a ~%25%C3%A9%0A%7F");
  }

  @ParameterizedTest
  @EnumSource
  void noErrorIsACodeThatMeansSuccessOrDoesNotExist(ErrorKind kind) {
    assertThat(kind.grpcStatus()).isBetween(1, 16);
  }

  /** "HTTP to gRPC Status Code Mapping": what a client makes of these statuses is what we say. */
  @ParameterizedTest
  @CsvSource({
    "NO_ROUTE,12",
    "BAD_REQUEST,13",
    "DENIED,7",
    "CONNECTION_REFUSED,14",
    "NO_ENDPOINT,14",
    "CONNECTION_TIMEOUT,14",
    "LIMIT_REACHED,14",
    "DRAINING,14"
  })
  void agreesWithTheMapping(ErrorKind kind, int code) {
    assertThat(kind.grpcStatus()).isEqualTo(code);
  }
}
