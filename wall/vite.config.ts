/** Build of the wall: hashed files, nothing inline, nothing from elsewhere (the API serves them under CSP 'self'). */

import { defineConfig } from "vite";

// `npm run dev` serves the sources and hands every API call to a running Lookout.
const api = process.env["LOOKOUT_API"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  base: "/",
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  server: {
    host: "127.0.0.1",
    proxy: { "/api": api, "/whep": api, "/healthz": api },
  },
});
