// A fetch that keeps cookies as a browser does, and names its origin.

export function browser(origin) {
  const cookies = new Map();
  const last = { headers: new Headers(), status: 0 };
  const fetchWithJar = async (input, init = {}) => {
    const headers = new Headers(init.headers);
    if (cookies.size > 0 && !headers.has("cookie")) {
      headers.set("cookie", [...cookies].map(([name, value]) => `${name}=${value}`).join("; "));
    }
    if (!headers.has("origin")) headers.set("origin", origin);
    const response = await fetch(input, { ...init, headers, redirect: "manual" });
    for (const line of response.headers.getSetCookie()) {
      const [pair, ...attributes] = line.split(";");
      const at = pair.indexOf("=");
      const [name, value] = [pair.slice(0, at).trim(), pair.slice(at + 1)];
      const expired = attributes.some((attribute) => attribute.trim().toLowerCase() === "max-age=0");
      if (expired || value === "") cookies.delete(name);
      else cookies.set(name, value);
    }
    last.headers = response.headers;
    last.status = response.status;
    return response;
  };
  return { cookies, last, fetch: fetchWithJar };
}
