/** The queue of browser events, without a browser. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { Batches } from "../src/batches.ts";

const named = (events) => events.map((event) => `${event.n}:${event.name}`);

test("what the server refuses or what fails is sent again, in order", async () => {
  const sent = [];
  const answers = [false, new Error("offline"), true, true];
  const send = async (events) => {
    sent.push(named(events));
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const batches = new Batches(send, () => 7, 10, 2);
  ["a", "b", "c"].forEach((name) => batches.add(name));

  await batches.flush();
  await assert.rejects(batches.flush());
  await batches.flush();
  await batches.flush();
  await batches.flush();

  assert.deepEqual(sent, [["1:a", "2:b"], ["1:a", "2:b"], ["1:a", "2:b"], ["3:c"]]);
  assert.deepEqual(batches.unsent, []);
});

test("a full queue forgets the oldest events and shows it by the gap in the numbers", () => {
  const batches = new Batches(async () => true, () => 7, 2);

  ["a", "b", "c"].forEach((name) => batches.add(name, { chars: 1 }));

  assert.deepEqual(named(batches.unsent), ["2:b", "3:c"]);
});

test("what is added while a batch is on its way waits for the next one", async () => {
  let arrive;
  const sent = [];
  const batches = new Batches(
    (events) => {
      sent.push(named(events));
      return new Promise((resolve) => (arrive = resolve));
    },
    () => 7,
  );
  batches.add("a");
  const first = batches.flush();
  batches.add("b");
  await batches.flush();
  arrive(true);
  await first;

  assert.deepEqual(sent, [["1:a"]]);
  assert.deepEqual(named(batches.unsent), ["2:b"]);
});

test("a detail cannot replace the number, the name or the time", () => {
  const batches = new Batches(async () => true, () => 7);

  batches.add("paste", { n: 99, name: "copy", at: 0, chars: 3 });

  assert.deepEqual(batches.unsent, [{ n: 1, name: "paste", at: 7, chars: 3 }]);
});
