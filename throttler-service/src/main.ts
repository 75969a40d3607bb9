/** The throttler: config, connect, build, run. */
import { configOrExit } from '@quits/kit/config'
import { makeGrpcClient } from '@quits/kit/grpc'
import { makeKafka } from '@quits/kit/kafka'
import { makeLog } from '@quits/kit/log'
import { makeRedis } from '@quits/kit/redis'
import { runProcess } from '@quits/kit/run'
import { identityContract } from '@quits/proto/grpc'
import { makeApp } from './app.ts'
import { readConfig } from './config.ts'

const config = configOrExit(() => readConfig(process.env))
const log = makeLog({ service: 'throttler', level: config.LOG_LEVEL })
const redis = makeRedis({ url: config.REDIS_URL, name: 'throttler', log })
const kafka = makeKafka({ brokers: config.KAFKA_URL, clientId: 'throttler', log })
const identityClient = makeGrpcClient({
  contract: identityContract,
  address: config.IDENTITY_ADDRESS,
})
// It reads the policies, which are configuration too.
const { parts, health } = configOrExit(() => makeApp({ config, log, redis, kafka, identityClient }))
await runProcess({ parts, health, log, drainMs: config.DRAIN_MS })
