import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// `npx vite` in this folder serves the sources beside a running stack (npm start).
const frontDoor = process.env['QUITS_URL'] ?? 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [react(), tailwindcss()],
  // Nothing becomes a data: URI, so that `default-src 'self'` is all the policy there is.
  build: { assetsInlineLimit: 0, sourcemap: false, chunkSizeWarningLimit: 400 },
  server: { proxy: { '/v1': { target: frontDoor, ws: true } } },
})
