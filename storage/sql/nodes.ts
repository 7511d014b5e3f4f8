/** Nodes and takeovers: `NodeStore`. The locks are in migrations/0005. */
import type { Hint, NodeStore } from '../contract.ts'
import { booleanOf, numberOf, type SqlDatabase, type Statement } from './connection.ts'

const joinStatement: Statement = {
  name: 'perdure_join',
  text: 'insert into node (name, sinks) values ($1, $2) returning node_id',
}
const beatStatement: Statement = {
  name: 'perdure_beat',
  text: 'update node set beats = beats + 1 where node_id = $1 and is_live returning beats',
}
/** Dead nodes too: a row that is still there is a hand-over that nobody has finished. */
const observeStatement: Statement = {
  name: 'perdure_observe',
  text: 'select node_id, beats from node order by node_id',
}
const declareDeadStatement: Statement = {
  name: 'perdure_declare_dead',
  text: 'select declare_dead($1, $2)',
}
const handOverStatement: Statement = {
  name: 'perdure_hand_over',
  text: 'select hand_over($1, $2, 1::smallint)',
}
const leaveStatement: Statement = { name: 'perdure_leave', text: 'select leave($1, $2)' }

export function sqlNodes(database: SqlDatabase, tell: (hint: Hint) => void): NodeStore {
  const tellOf = (runs: number) => {
    if (runs > 0) tell({ kind: 'due' })
    return runs
  }
  return {
    async join(name, sinks) {
      const served = sinks === undefined ? null : JSON.stringify(sinks)
      return numberOf((await database.query(joinStatement, [name, served]))[0]?.[0])
    },

    async beat(node) {
      return (await database.query(beatStatement, [node])).length === 1 ? 'live' : 'fenced'
    },

    async observe() {
      const rows = await database.query(observeStatement, [])
      return rows.map((row) => ({ node: numberOf(row[0]), beats: numberOf(row[1]) }))
    },

    async takeOver(node, beats, now) {
      const dead = await database.query(declareDeadStatement, [node, beats])
      if (!booleanOf(dead[0]?.[0])) return null
      // keeps I10: a statement of its own, which sees all that the node had under way.
      return tellOf(numberOf((await database.query(handOverStatement, [node, now]))[0]?.[0]))
    },

    async leave(node, now) {
      tellOf(numberOf((await database.query(leaveStatement, [node, now]))[0]?.[0]))
    },
  }
}
