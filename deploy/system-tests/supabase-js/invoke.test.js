// What a program with the client from npm can do with functions. SupabaseClientIT has deployed them and says where.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { createClient, FunctionsFetchError, FunctionsHttpError } from '@supabase/supabase-js'

const { AEROFN_URL, ANON_TOKEN, USER_TOKEN } = process.env
const options = { auth: { persistSession: false, autoRefreshToken: false } }
let supabase

before(() => {
  supabase = createClient(AEROFN_URL, ANON_TOKEN, options)
})

/** What the function 'mirror' was called with. */
async function mirrored(name, invokeOptions, client = supabase) {
  const { data, error } = await client.functions.invoke(name, invokeOptions)
  assert.equal(error, null, await error?.context?.text?.())
  const headers = new Headers(data.context.http.headers)
  return { context: data.context, http: data.context.http, headers, body: Buffer.from(data.body, 'hex') }
}

/** The problem with which a call was refused. */
async function problem(name, invokeOptions, client = supabase) {
  const { data, error, response } = await client.functions.invoke(name, invokeOptions)
  assert.equal(data, null)
  assert.ok(error instanceof FunctionsHttpError, String(error))
  assert.equal(error.context, response)
  assert.equal(response.headers.get('content-type'), 'application/problem+json')
  const body = await error.context.json()
  assert.equal(body.status, response.status)
  assert.ok(body.detail)
  return { ...body, response }
}

test('sends an object as JSON', async () => {
  const { http, headers, body } = await mirrored('mirror', { body: { name: 'Zoë', list: [1, null] } })
  assert.equal(http.method, 'POST')
  assert.equal(headers.get('content-type'), 'application/json')
  assert.deepEqual(JSON.parse(body), { name: 'Zoë', list: [1, null] })
})

test('sends a text as it is', async () => {
  const { headers, body } = await mirrored('mirror', { body: 'Grüße, 世界' })
  assert.equal(headers.get('content-type'), 'text/plain')
  assert.equal(body.toString(), 'Grüße, 世界')
})

test('sends a Blob byte for byte', async () => {
  const bytes = Uint8Array.from({ length: 70000 }, (_, i) => i * 7)
  const { headers, body } = await mirrored('mirror', { body: new Blob([bytes]) })
  assert.equal(headers.get('content-type'), 'application/octet-stream')
  assert.deepEqual(body, Buffer.from(bytes))
})

test('sends an ArrayBuffer byte for byte', async () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => 255 - i)
  const { headers, body } = await mirrored('mirror', { body: bytes.buffer })
  assert.equal(headers.get('content-type'), 'application/octet-stream')
  assert.deepEqual(body, Buffer.from(bytes))
})

test('sends FormData with its fields and files', async () => {
  const form = new FormData()
  form.append('title', 'Größe')
  form.append('file', new File([Uint8Array.of(0, 255, 13, 10)], 'a "b".bin', { type: 'image/x-test' }))
  const { headers, body } = await mirrored('mirror', { body: form })
  const received = await new Response(body, { headers: { 'content-type': headers.get('content-type') } }).formData()
  assert.equal(received.get('title'), 'Größe')
  assert.equal(received.get('file').type, 'image/x-test')
  assert.deepEqual(await received.get('file').bytes(), Uint8Array.of(0, 255, 13, 10))
})

test('sends nothing where there is no body', async () => {
  assert.equal((await mirrored('mirror')).body.length, 0)
})

test('sends headers of the program, and keeps those with keys to itself', async () => {
  const { headers } = await mirrored('mirror', { headers: { 'X-Color': 'blue', 'Content-Type': 'application/vnd.x+json' }, body: '{}' })
  assert.equal(headers.get('x-color'), 'blue')
  assert.equal(headers.get('content-type'), 'application/vnd.x+json')
  assert.match(headers.get('x-client-info'), /^supabase-js/)
  assert.equal(headers.get('authorization'), null)
  assert.equal(headers.get('apikey'), null)
})

test('calls with every method, below the function too', async () => {
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
    const { http, body } = await mirrored('invoke/mirror/orders/7?x=1', { method, body: { method } })
    assert.deepEqual([http.method, http.path, http.query], [method, '/orders/7', 'x=1'])
    assert.deepEqual(JSON.parse(body), { method })
  }
  const { http, body } = await mirrored('invoke/mirror', { method: 'GET' })
  assert.equal(http.method, 'GET')
  assert.equal(body.length, 0)
})

test('does no harm with a region', async () => {
  const { http, headers } = await mirrored('mirror', { region: 'us-east-1' })
  assert.equal(headers.get('x-region'), 'us-east-1')
  assert.equal(http.query, 'forceFunctionRegion=us-east-1')
})

test('is the anonymous caller, or the user whose token it has', async () => {
  assert.equal((await mirrored('mirror')).context.role, 'anon')

  const { functions } = createClient(AEROFN_URL, ANON_TOKEN, options) // every look at it makes another one
  functions.setAuth(USER_TOKEN)
  assert.equal((await functions.invoke('mirror')).data.context.role, 'authenticated')

  const withTokens = createClient(AEROFN_URL, ANON_TOKEN, { ...options, accessToken: async () => USER_TOKEN })
  assert.equal((await mirrored('mirror', {}, withTokens)).context.claims.sub, 'user-7')
})

test('hands over JSON, text, bytes and forms by the content type of the answer', async () => {
  assert.deepEqual((await supabase.functions.invoke('echo', { body: { a: [1] } })).data, { a: [1] })
  assert.equal((await supabase.functions.invoke('text')).data, 'short and stout')
  const bytes = (await supabase.functions.invoke('echo', { body: Uint8Array.of(0, 1, 255).buffer })).data
  assert.ok(bytes instanceof Blob)
  assert.deepEqual(new Uint8Array(await bytes.arrayBuffer()), Uint8Array.of(0, 1, 255))
  const form = (await supabase.functions.invoke('form')).data
  assert.equal(form.get('answer'), '42')
  const { data, response } = await supabase.functions.invoke('echo')
  assert.equal(data, '')
  assert.match(response.headers.get('x-invocation-id'), /^[0-9a-f-]{36}$/)
})

test('reads why there is no such function', async () => {
  const { status, code, detail } = await problem('missing', { body: {} })
  assert.deepEqual([status, code], [404, 'function_not_found'])
  assert.match(detail, /'missing'/)
})

test('reads why a function failed, and what it had written', async () => {
  const { status, code, output, invocation_id, response } = await problem('failing', { body: {} })
  assert.deepEqual([status, code, output], [500, 'function_error', 'no stock'])
  assert.equal(invocation_id, response.headers.get('x-invocation-id'))
})

test('reads why its token is refused', async () => {
  const { status, code, response } = await problem('mirror', { body: {} }, createClient(AEROFN_URL, 'no-token', options))
  assert.deepEqual([status, code], [401, 'unauthenticated'])
  assert.equal(response.headers.get('www-authenticate'), 'Bearer')
})

test('reads why a payload is refused', async () => {
  const { status, code } = await problem('mirror', { body: new ArrayBuffer((1 << 20) + 1) })
  assert.deepEqual([status, code], [413, 'payload_too_large'])
})

test('reads the body of an error that the function itself describes', async () => {
  const { error } = await supabase.functions.invoke('refusing')
  assert.ok(error instanceof FunctionsHttpError)
  assert.equal(error.context.status, 422)
  assert.deepEqual(await error.context.json(), { field: 'name' })
})

test('gives up when the program says so', async () => {
  const { error } = await supabase.functions.invoke('loop', { timeout: 200 })
  assert.ok(error instanceof FunctionsFetchError, String(error))
  assert.deepEqual((await supabase.functions.invoke('echo', { body: { still: 'there' } })).data, { still: 'there' })
})
