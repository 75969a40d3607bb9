/** The front door: config, connect, build, run. */
import { ConfigError } from '@quits/kit/config'
import { makeGrpcClient } from '@quits/kit/grpc'
import { makeLog } from '@quits/kit/log'
import { runProcess } from '@quits/kit/run'
import { throttlerContract } from '@quits/proto/grpc'
import { makeApp } from './app.ts'
import { readConfig } from './config.ts'

const main = async () => {
  const config = readConfig(process.env)
  const log = makeLog({ service: 'proxy', level: config.LOG_LEVEL })
  const throttler = makeGrpcClient({
    contract: throttlerContract,
    address: config.THROTTLER_ADDRESS,
  })
  const app = makeApp({ config, log, throttler })
  await runProcess({ parts: app.parts, health: app.health, log, drainMs: config.DRAIN_MS })
}

try {
  await main()
} catch (error) {
  if (!(error instanceof ConfigError)) throw error
  console.error(error.message)
  process.exit(1)
}
