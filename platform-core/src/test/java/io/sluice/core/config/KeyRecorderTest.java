package io.sluice.core.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.sluice.api.config.ConfigSection;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeyRecorderTest {

  @Test
  void recordsTypeDefaultMeaningAndWhetherRequired() {
    List<KeyDoc> keys =
        KeyRecorder.record(
            section -> {
              section.string("path").describe("what to ask for").required();
              section.timeout("timeout").describe("time for one").orElse(Duration.ofSeconds(90));
              section.timeout("idle").orElse(ConfigSection.OFF);
              section.sizeBound("max").describe("how much").orElse(65_536L);
              section.flag("verify").describe("whether").orElse(true);
              section.choice("colour", Sample.Colour.class).orElse(Sample.Colour.DARK_GREEN);
              section.strings("on").describe("when").orElse(List.of("reset", "502"));
              section.integer("port", 1, 9).describe("where").optional();
              section.share("part", 100).orElse(0.2);
              section.file("file").describe("whence").optional();
            });
    assertThat(keys)
        .containsExactly(
            new KeyDoc("path", "text", "", "what to ask for", true),
            new KeyDoc("timeout", "duration or off", "1m30s", "time for one", false),
            new KeyDoc("idle", "duration or off", "off", "", false),
            new KeyDoc("max", "size or unlimited", "64K", "how much", false),
            new KeyDoc("verify", "on or off", "on", "whether", false),
            new KeyDoc("colour", "one of red, dark-green, blue", "dark-green", "", false),
            new KeyDoc("on", "list of texts", "[reset, 502]", "when", false),
            new KeyDoc("port", "whole number from 1 to 9", "", "where", false),
            new KeyDoc("part", "share up to 100%", "20%", "", false),
            new KeyDoc("file", "file", "", "whence", false));
  }

  @Test
  void followsReadsIntoNestedBlocks() {
    assertThat(KeyRecorder.record(section -> Sample.read(LocatedSection.of(section))))
        .extracting(KeyDoc::path)
        .contains(
            "probe",
            "probe.interval",
            "headers.NAME",
            "upstreams.NAME.endpoints",
            "routes",
            "routes[].to",
            "routes[].middleware",
            "access-log",
            "access-log.to")
        .doesNotHaveDuplicates();
  }

  @Test
  void readsOnThroughConversionsAndFallbacks() {
    List<KeyDoc> keys =
        KeyRecorder.record(
            section -> {
              section.section("a").map(a -> a.string("b").orElse("x"), "a block", "").required();
              section.section("c").orElse(section.empty("c")).flag("d").orElse(false);
              section.sections("e").orElse(List.of()).forEach(e -> e.size("f").required());
            });
    assertThat(keys).extracting(KeyDoc::path).containsExactly("a", "a.b", "c", "c.d", "e", "e[].f");
  }

  @Test
  void recordsBothWaysOfAChoiceByPresence() {
    List<KeyDoc> keys =
        KeyRecorder.record(
            section -> {
              section.string("always").required();
              section
                  .string("guarded")
                  .optional()
                  .ifPresent(g -> section.string("guarded").required());
              if (section.has("discovery")) {
                section.section("discovery").required().string("name").required();
              } else {
                section.strings("endpoints").required();
              }
            });
    assertThat(keys)
        .extracting(KeyDoc::path, KeyDoc::required)
        .containsExactly(
            tuple("always", true),
            tuple("guarded", false),
            tuple("discovery", false),
            tuple("discovery.name", true),
            tuple("endpoints", false));
  }

  @Test
  void keepsTheKeysOfABlockTogether() {
    List<KeyDoc> keys =
        KeyRecorder.record(
            section -> {
              ConfigSection limits = section.section("limits").required();
              ConfigSection timeouts = section.section("timeouts").required();
              limits.string("a").required();
              timeouts.string("b").required();
              limits.string("c").required();
            });
    assertThat(keys)
        .extracting(KeyDoc::path)
        .containsExactly("limits", "limits.a", "limits.c", "timeouts", "timeouts.b");
  }

  @Test
  void dropsProblems() {
    List<KeyDoc> keys =
        KeyRecorder.record(
            section -> {
              section.problem("a", "cannot be", "");
              section.string("a").check(String::isBlank, "blank").map(Integer::valueOf, "", 5);
              LocatedSection located = LocatedSection.of(section);
              located.unknown("a", "unknown", List.of());
              located.ignoreUnread();
              located.reportUnread();
            });
    assertThat(keys).isEmpty();
  }
}
