/** The engine over the memory store: the whole path, document to result. */
import assert from 'node:assert/strict'
import type { EngineUnderTest } from '../../engine/create.ts'
import {
  allEvents,
  codeOf,
  deploy,
  doc,
  echo,
  eventTypes,
  FunctionExecutor,
  namespace,
  oneStep,
  startEngine,
  until,
} from './support.ts'

describe('engine', () => {
  let engine: EngineUnderTest
  afterEach(() => engine?.stop({ graceMs: 0 }))

  it('runs a document from start to result', async () => {
    ;({ engine } = await startEngine(new FunctionExecutor(echo)))
    await deploy(engine, oneStep)
    const started = await engine.startExecution({
      namespace,
      workflow: 'under-test',
      workflowId: 'w',
      input: { value: 7 },
    })
    assert.equal(started.created, true)
    const outcome = await engine.result({ namespace, workflowId: 'w' })
    assert.deepEqual(outcome, { workflowId: 'w', runId: started.runId, status: 'completed', result: 7 })
    assert.deepEqual(await eventTypes(engine, 'w'), [
      'WorkflowExecutionStarted',
      'ActivityTaskScheduled',
      'ActivityTaskStarted',
      'ActivityTaskCompleted',
      'WorkflowExecutionCompleted',
    ])
    assert.equal(engine.loadedRuns, 0)
  })
})
