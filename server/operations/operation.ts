/**
 * The shape of one operation of the API as data. The tables beside this file are the one source of the OpenAPI
 * document (`openapi.ts`), of the routes that are mounted (`mount.ts`), of what a request may hold
 * (`requests/validate.ts`) and of who may call it (`access/`), so that these cannot differ.
 */
import type { Json, Role } from '../api.ts'

export type Method = 'get' | 'post' | 'put' | 'delete'

export type JsonSchemaObject = { readonly [keyword: string]: Json }

export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly description: string
  readonly schema: JsonSchemaObject
}

export type RequestBody =
  /** JSON that matches the named schema. Where it is not required, no body means `{}`. */
  | { readonly kind: 'json'; readonly schema: string; readonly required: boolean }
  /** A workflow document, YAML or JSON, handed on as text. */
  | { readonly kind: 'document' }

export interface ResponseShape {
  readonly description: string
  /** The name of a schema. Absent: no body. */
  readonly schema?: string
  /** Those that the schema describes. Default `application/json`. */
  readonly contentTypes?: readonly string[]
  /** The same in other words: a text of these types. */
  readonly textTypes?: readonly string[]
  /** Of our own making, with what each holds: texts. */
  readonly headers?: { readonly [name: string]: string }
}

export interface Operation {
  readonly method: Method
  /** With its parameters in braces. */
  readonly path: string
  readonly tag: string
  readonly summary: string
  readonly description?: string
  /** The least of what a key must hold; `public` asks for none. */
  readonly role: Role | 'public'
  readonly parameters: readonly Parameter[]
  readonly body?: RequestBody
  readonly responses: { readonly [status: string]: ResponseShape }
  /** Named by the interface and answered with 501. */
  readonly planned?: true
}

export interface Operations {
  readonly [operationId: string]: Operation
}
