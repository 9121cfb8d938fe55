// Prints as JSON what each PromQL expression of a JSON file selects, and which of them are no PromQL.
import { readFileSync } from 'node:fs'
import { parser } from '@prometheus-io/lezer-promql'

const expressions = JSON.parse(readFileSync(process.argv[2], 'utf8'))
process.stdout.write(JSON.stringify(expressions.map(read)))

function read(expression) {
  const found = { errors: [], selectors: [], grouping: [] }
  const text = node => expression.slice(node.from, node.to)
  parser.parse(expression).iterate({
    enter: ({ node, type }) => {
      if (type.isError) {
        found.errors.push(`at ${node.from}: ${expression.slice(Math.max(0, node.from - 20), node.from + 20)}`)
      } else if (type.name === 'VectorSelector') {
        found.selectors.push({ metric: text(node.getChild('Identifier') ?? node), matchers: matchers(node, text) })
      } else if (type.name === 'GroupingLabels') {
        found.grouping.push(...node.getChildren('LabelName').map(text))
      }
    },
  })
  return found
}

function matchers(selector, text) {
  const list = selector.getChild('LabelMatchers')
  return (list?.getChildren('UnquotedLabelMatcher') ?? []).map(matcher => ({
    label: text(matcher.getChild('LabelName')),
    operator: text(matcher.getChild('MatchOp')),
    value: JSON.parse(text(matcher.getChild('StringLiteral'))),
  }))
}
