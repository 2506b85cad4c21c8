/** The clock of the room: the server's time, carried on between its messages by the browser's monotonic clock. */

export interface ClockReading {
  elapsed_seconds: number;
  duration_seconds: number;
  running: boolean;
}

export class ServerClock {
  #reading: ClockReading | null = null;
  #readAt = 0;

  /** Takes what the server said; `at` is `performance.now()`, in milliseconds. */
  update(reading: ClockReading, at: number): void {
    this.#reading = reading;
    this.#readAt = at;
  }

  /** Returns the seconds on the clock, or `null` before the server has said anything. */
  elapsed(at: number): number | null {
    if (this.#reading === null) return null;
    const since = this.#reading.running ? Math.max(0, (at - this.#readAt) / 1000) : 0;
    return this.#reading.elapsed_seconds + since;
  }

  get duration(): number {
    return this.#reading?.duration_seconds ?? 0;
  }

  get running(): boolean {
    return this.#reading?.running ?? false;
  }
}

/** Returns seconds as people read them: 7:05, or 1:07:05. */
export function face(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0 ? `${String(hours)}:${two(minutes)}:${two(whole % 60)}` : `${String(minutes)}:${two(whole % 60)}`;
}

/** Returns what stands beside the time, calmly also when it is over. */
export function beside(elapsed: number, duration: number, running: boolean): string {
  const planned = `${String(Math.round(duration / 60))} min`;
  if (!running && elapsed === 0) return `of ${planned}, not started`;
  return elapsed > duration ? `of ${planned}, over time – nothing is cut off` : `of ${planned}`;
}

interface Milestone {
  at: number;
  words: string;
}

function milestones(duration: number): Milestone[] {
  const late = [
    { at: duration - 600, words: "10 minutes left." },
    { at: duration - 300, words: "5 minutes left." },
    { at: duration, words: "The planned time is up. Nothing is cut off." },
  ].filter((one) => one.at > 0);
  const half = { at: duration / 2, words: "Half of the time has passed." };
  return late.some((one) => Math.abs(one.at - half.at) < 60) ? late : [half, ...late];
}

/** Says each milestone once, when it passes; those before the page was opened stay unsaid. */
export class Milestones {
  #last: number | null = null;

  /** Returns the words for a milestone that has just passed, or nothing. */
  passed(elapsed: number, duration: number): string {
    const before = this.#last;
    this.#last = elapsed;
    if (before === null) return "";
    const now = milestones(duration).filter((one) => before < one.at && one.at <= elapsed);
    return now.at(-1)?.words ?? "";
  }
}
