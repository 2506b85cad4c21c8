/** Sends a change to the service and turns every failure into words. */

export type Answer = { ok: true; url: string } | { ok: false; why: string };

/** Browsers let a request outlive its page up to 64 KiB. */
const KEEPALIVE_BYTES = 60_000;
const UNREACHABLE = "Assay cannot be reached right now. Nothing is lost; check your connection and try again.";

/** Posts form fields; redirects are followed, and `url` is where they led, empty without one. */
export async function post(path: string, fields: Record<string, string> | [string, string][], csrf: string): Promise<Answer> {
  let response: Response;
  try {
    const body = new URLSearchParams(fields);
    response = await fetch(path, {
      method: "POST",
      body,
      keepalive: body.toString().length < KEEPALIVE_BYTES,
      headers: { Accept: "application/problem+json", "X-CSRF-Token": csrf },
    });
  } catch {
    return { ok: false, why: UNREACHABLE };
  }
  if (response.status === 204) return { ok: true, url: "" };
  if (response.ok && response.redirected) return { ok: true, url: response.url };
  return { ok: false, why: await reason(response) };
}

async function reason(response: Response): Promise<string> {
  const problem: unknown = await response.json().catch(() => null);
  if (typeof problem !== "object" || problem === null || !("title" in problem)) {
    return `Something went wrong on our side (${String(response.status)}). Nothing is lost; try again.`;
  }
  const detail = "detail" in problem && typeof problem.detail === "string" ? ` ${problem.detail}` : "";
  return `${String(problem.title)}${detail}`;
}

/** Returns the CSRF token that a form of ours carries. */
export function tokenOf(form: HTMLFormElement): string {
  const value = new FormData(form).get("csrf");
  return typeof value === "string" ? value : "";
}
