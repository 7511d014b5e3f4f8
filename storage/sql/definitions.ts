/** Deployed definitions: `DefinitionStore`. */
import type { DefinitionRecord, DefinitionStore } from '../contract.ts'
import { booleanOf, numberOf, type Row, type SqlDatabase, type Statement, textOf } from './connection.ts'

const columns = 'namespace, name, version, digest, format, to_milliseconds(deployed_at), deprecated'

const putStatement: Statement = {
  name: 'perdure_put_definition',
  text: `
    insert into definition (namespace, name, version, digest, source, format, deployed_at, deprecated)
    values ($1, $2, $3, $4, $5, $6, to_time($7), $8)
    on conflict do nothing
    returning 1`,
}
const getStatement: Statement = {
  name: 'perdure_get_definition',
  text: `select ${columns}, source from definition where namespace = $1 and name = $2 and version = $3`,
}
const listStatement: Statement = {
  name: 'perdure_list_definitions',
  text: `select ${columns} from definition where namespace = $1 order by name, version`,
}
const listByNameStatement: Statement = {
  name: 'perdure_list_definitions_by_name',
  text: `select ${columns} from definition where namespace = $1 and name = $2 order by version`,
}
const setDeprecatedStatement: Statement = {
  name: 'perdure_set_deprecated',
  text: `
    update definition set deprecated = $4
    where namespace = $1 and name = $2 and version = $3
    returning 1`,
}

export function sqlDefinitions(database: SqlDatabase): DefinitionStore {
  const get = async (namespace: string, name: string, version: string) => {
    const row = (await database.query(getStatement, [namespace, name, version]))[0]
    return row === undefined ? null : { ...withoutSource(row), source: textOf(row[7]) }
  }
  return {
    async put(record) {
      const { namespace, name, version, digest, source, format, deployedAt, deprecated } = record
      const created = await database.query(putStatement, [
        namespace,
        name,
        version,
        digest,
        source,
        format,
        deployedAt,
        deprecated,
      ])
      if (created.length === 1) return { outcome: 'created', stored: record }
      const stored = await get(namespace, name, version)
      if (stored === null) throw new Error(`the definition ${name} ${version} vanished while it was deployed`)
      return { outcome: stored.digest === digest ? 'same' : 'conflict', stored }
    },

    get,

    async list(namespace, name) {
      const rows =
        name === undefined
          ? await database.query(listStatement, [namespace])
          : await database.query(listByNameStatement, [namespace, name])
      return rows.map(withoutSource)
    },

    async setDeprecated(namespace, name, version, deprecated) {
      const rows = await database.query(setDeprecatedStatement, [namespace, name, version, deprecated])
      return rows.length === 1
    },
  }
}

function withoutSource(row: Row): Omit<DefinitionRecord, 'source'> {
  return {
    namespace: textOf(row[0]),
    name: textOf(row[1]),
    version: textOf(row[2]),
    digest: textOf(row[3]),
    format: row[4] === 'json' ? 'json' : 'yaml',
    deployedAt: numberOf(row[5]),
    deprecated: booleanOf(row[6]),
  }
}
