// The explorer at /docs: sends what its forms say, with the token that was typed, and shows what came back.
"use strict";
(() => {
  const token = document.getElementById("token");
  document.querySelector("form.token")?.addEventListener("submit", (event) => event.preventDefault());

  function request(form) {
    let path = form.dataset.path;
    const query = new URLSearchParams();
    for (const field of form.querySelectorAll("input[data-in]")) {
      const value = field.value.trim();
      if (field.dataset.in === "path") path = path.replace(`{${field.name}}`, encodeURIComponent(value));
      else if (value) query.set(field.name, value);
    }
    const headers = {};
    if (token.value.trim()) headers.Authorization = `Bearer ${token.value.trim()}`;
    if (form.dataset.version) headers.Version = form.dataset.version;
    let body = form.querySelector("textarea")?.value;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    for (const part of form.querySelectorAll("input[data-part]")) {
      // The browser says where the parts of a form end, in a header of its own.
      body ??= new FormData();
      if (part.type === "file") for (const file of part.files) body.append(part.name, file);
      else if (part.value.trim()) body.append(part.name, part.value.trim());
    }
    return [query.size ? `${path}?${query}` : path, { method: form.dataset.method, headers, body }];
  }

  function pretty(text) {
    try {
      return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      return text;
    }
  }

  async function send(form) {
    const output = form.querySelector("output");
    const [status, shown] = [output.querySelector("b"), output.querySelector("pre")];
    const button = form.querySelector("button");
    button.disabled = true;
    const began = performance.now();
    try {
      const response = await fetch(...request(form));
      const text = pretty(await response.text());
      status.textContent = `${response.status} in ${Math.round(performance.now() - began)} ms`;
      status.className = response.ok ? "ok" : "bad";
      shown.textContent = text;
    } catch (error) {
      status.textContent = "No answer";
      status.className = "bad";
      shown.textContent = String(error);
    }
    output.hidden = false;
    button.disabled = false;
  }

  for (const form of document.querySelectorAll("form.try")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send(form);
    });
  }

  for (const sample of document.querySelectorAll("pre[data-file]")) {
    const button = document.createElement("button");
    button.textContent = "Copy";
    const text = sample.textContent;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    });
    sample.append(button);
  }

  const open = () => document.getElementById(location.hash.slice(1))?.setAttribute("open", "");
  addEventListener("hashchange", open);
  open();
})();
