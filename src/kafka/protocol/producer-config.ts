import {
  adjustReconnectBackoff,
  type ConfigRefusal,
  type ConfigView,
  checkBootstrapServers,
  isGiven,
  isTrue,
  refusal,
  textOf,
  wholeOf,
} from "./config-checks.ts";

/**
 * What a producer's settings must be to each other, in the order in which Kafka looks.
 * Models ProducerConfig.postProcessParsedConfig and the checks of KafkaProducer's constructor. Left out: security, interceptors and reporters.
 */
export function checkProducerConfigs(view: ConfigView): ConfigRefusal | null {
  adjustReconnectBackoff(view);
  return (
    checkIdempotence(view) ??
    checkTwoPhaseCommit(view) ??
    checkDeliveryTimeout(view) ??
    checkBootstrapServers(view) ??
    checkRackAwareness(view)
  );
}

/** acks other than all, and retries of 0, silently turn idempotence off, unless it was asked for. */
function checkIdempotence(view: ConfigView): ConfigRefusal | null {
  if (textOf(view, "acks") === "all") view.values.acks = "-1";
  const asked = isGiven(view, "enable.idempotence");
  if (isTrue(view, "enable.idempotence")) {
    let possible = true;
    if (wholeOf(view, "retries") === 0n) {
      if (asked) return refusal("ConfigException", "Must set retries to non-zero when using the idempotent producer.", "retries");
      possible = false;
    }
    if (textOf(view, "acks") !== "-1") {
      if (asked)
        return refusal(
          "ConfigException",
          "Must set acks to all in order to use the idempotent producer. Otherwise we cannot guarantee idempotence.",
          "acks",
        );
      possible = false;
    }
    // Also when one of the two above has just turned idempotence off.
    const inFlight = wholeOf(view, "max.in.flight.requests.per.connection");
    if (inFlight > 5n) {
      const message = `To use the idempotent producer, max.in.flight.requests.per.connection must be set to at most 5. Current value is ${inFlight}.`;
      return refusal("ConfigException", message, "max.in.flight.requests.per.connection");
    }
    if (!possible) view.values["enable.idempotence"] = "false";
  }
  if (!isTrue(view, "enable.idempotence") && isGiven(view, "transactional.id")) {
    return refusal("ConfigException", "Cannot set a transactional.id without also enabling idempotence.", "transactional.id");
  }
  return null;
}

function checkTwoPhaseCommit(view: ConfigView): ConfigRefusal | null {
  if (!isTrue(view, "transaction.two.phase.commit.enable") || !isGiven(view, "transaction.timeout.ms")) return null;
  const message =
    "Cannot set transaction.timeout.ms when transaction.two.phase.commit.enable is set to true. Transactions will not expire with two-phase commit enabled.";
  return refusal("ConfigException", message, "transaction.timeout.ms");
}

const INT_MAX = 2147483647n;

/** Only a delivery.timeout.ms that was given is refused; otherwise the client raises it for itself (producer-settings.ts). */
function checkDeliveryTimeout(view: ConfigView): ConfigRefusal | null {
  if (!isGiven(view, "delivery.timeout.ms")) return null;
  const linger = least(wholeOf(view, "linger.ms"), INT_MAX);
  if (wholeOf(view, "delivery.timeout.ms") >= least(linger + wholeOf(view, "request.timeout.ms"), INT_MAX)) return null;
  return refusal(
    "ConfigException",
    "delivery.timeout.ms should be equal to or larger than linger.ms + request.timeout.ms",
    "delivery.timeout.ms",
    "client",
  );
}

function checkRackAwareness(view: ConfigView): ConfigRefusal | null {
  if (!isTrue(view, "partitioner.rack.aware") || (textOf(view, "client.rack") ?? "").trim() !== "") return null;
  return refusal("ConfigException", "client.rack must be provided if partitioner.rack.aware is enabled", "client.rack", "client");
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
