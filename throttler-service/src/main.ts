/** The throttler: config, connect, build, run. */
import { ConfigError } from '@quits/kit/config'
import { makeGrpcClient } from '@quits/kit/grpc'
import { makeKafka } from '@quits/kit/kafka'
import { makeLog } from '@quits/kit/log'
import { makeRedis } from '@quits/kit/redis'
import { runProcess } from '@quits/kit/run'
import { identityContract } from '@quits/proto/grpc'
import { makeApp } from './app.ts'
import { readConfig } from './config.ts'
import { PolicyFileError } from './policy.ts'

const main = async () => {
  const config = readConfig(process.env)
  const log = makeLog({ service: 'throttler', level: config.LOG_LEVEL })

  const redis = makeRedis({ url: config.REDIS_URL, name: 'throttler', log })
  const kafka = makeKafka({ brokers: config.KAFKA_URL, clientId: 'throttler', log })
  const identityClient = makeGrpcClient({
    contract: identityContract,
    address: config.IDENTITY_ADDRESS,
  })

  const app = makeApp({ config, log, redis, kafka, identityClient })
  await runProcess({ parts: app.parts, health: app.health, log, drainMs: config.DRAIN_MS })
}

try {
  await main()
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof PolicyFileError)) throw error
  console.error(error.message)
  process.exit(1)
}
