import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, it, onTestFinished } from 'vitest'
import { makeAsker } from './ask.ts'

const scene = async (answer: RequestListener, connectionsMax = 2) => {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  const asker = makeAsker(`http://127.0.0.1:${port}`, connectionsMax)
  onTestFinished(() => {
    asker.close()
    server.close()
  })
  return { asker, server }
}

it('each question has its own answer, however few connections there are', async () => {
  let open = 0
  const { asker, server } = await scene((request, response) => {
    void text(request).then((body) => {
      const told = `${request.headers.authorization} ${request.url} ${body}`
      // In pieces, as a network may bring it.
      const answer = Buffer.from(JSON.stringify({ told, sum: 'zwölf' }))
      response.writeHead(201, { 'content-length': answer.length })
      for (const byte of answer) response.write(Buffer.of(byte))
      response.end()
    })
  })
  server.on('connection', () => (open += 1))
  const ask = async (index: number) =>
    asker.ask({ path: `/${index}`, token: 't', body: `ü${index}` })
  const answers = await Promise.all(Array.from({ length: 9 }, (_, index) => ask(index)))
  expect(answers).toEqual(
    Array.from({ length: 9 }, (_, index) => ({
      told: `Bearer t /${index} ü${index}`,
      sum: 'zwölf',
    })),
  )
  expect(open).toBe(2)
})

it('a service without room says nothing, any other refusal is an error', async () => {
  const { asker } = await scene((request, response) => {
    const fault = '{"code":"busy"}'
    const status = request.url === '/busy' ? 503 : 422
    response.writeHead(status, { 'content-length': fault.length }).end(fault)
  })
  expect(await asker.ask({ path: '/busy', token: '' })).toBeUndefined()
  await expect(asker.ask({ path: '/wrong', token: '' })).rejects.toThrow(/422.*busy/)
})

it('a connection that ends fails its question alone, and what waited has another', async () => {
  let first = true
  const { asker } = await scene((request, response) => {
    if (first) request.socket.destroy()
    else response.writeHead(201, { 'content-length': 2 }).end('{}')
    first = false
  }, 1)
  const [cut, waited] = [asker.ask({ path: '/', token: '' }), asker.ask({ path: '/', token: '' })]
  await expect(cut).rejects.toThrow('ended')
  expect(await waited).toEqual({})
})

it('a connection that is to be closed is not asked again', async () => {
  const { asker } = await scene((_, response) => {
    response.writeHead(503, { 'content-length': 0, connection: 'close' }).end()
  }, 1)
  const ask = () => asker.ask({ path: '/', token: '' })
  expect(await Promise.all([ask(), ask(), ask()])).toEqual([undefined, undefined, undefined])
})

it('what is no JSON, and what waits when all is closed, is refused', async () => {
  const { asker } = await scene((request, response) => {
    if (request.url === '/odd') response.writeHead(201, { 'content-length': 3 }).end('odd')
  }, 1)
  await expect(asker.ask({ path: '/odd', token: '' })).rejects.toThrow('JSON')
  const both = [asker.ask({ path: '/', token: '' }), asker.ask({ path: '/', token: '' })]
  const outcomes = Promise.allSettled(both)
  asker.close()
  for (const { status } of await outcomes) expect(status).toBe('rejected')
})
