"""TaskRouter's expression language (docs: /docs/taskrouter/expression-syntax), in its full grammar.

    expression = compile_expression('languages HAS "es" AND level >= 3', Dialect.WORKER)
    expression.matches({"worker": {"languages": ["es"], "level": 4}})

Text goes through `parser` to `nodes` and through `compiler` to closures; `explain` walks the same nodes to say why.
Nothing here knows what a Task or a Worker is: a scope is attributes by root, and `dialect` says which names lead where.

What the documentation leaves open, and what we chose:

- AND binds tighter than OR, NOT tighter than AND, comparisons tighter than all. Keywords are the same in any case
  (`in` is common in the field); strings and attribute names are case-sensitive.
- A missing attribute, an index past the end and a step into what is no object are all NULL, as is JSON's null.
  `== null` and `!= null` ask about it for any kind of value, lists included. Otherwise NULL is equal to no value
  (`!=` is true) and has no order (false); as for `!=`, a missing attribute is NOT IN any list without null.
- Different kinds: `==` false, `!=` true, order false. Booleans are not numbers; 1 equals 1.0.
  Strings are ordered by code point, booleans not at all.
- Lists and objects fit no scalar operator: `==`, `!=`, order and CONTAINS are false. CONTAINS needs two strings.
- HAS, IN and NOT IN need a list on their side and a single value on the other, else false; the sides may be
  attributes or literals (`"es" IN languages`). Elements are compared by `==`.
- `>-` and `<-` are always HAS and IN: "greater than minus five" needs the space of `level > -5`.
- A value by itself (`vip`) holds when it is the boolean true, and for nothing else.
- List literals hold literals only. Within parentheses stand conditions, not values.
- A backslash in a string makes the next quote or backslash an ordinary character; before others it stands for itself.
- Names are letters (of any script), digits and underscores; steps are joined by `.` and `[n]` without spaces,
  n from 0. After a dot keywords are ordinary names.
- Names without a prefix are NULL in a Workflow target; a prefix wins over an attribute of the same name.
- An expression has at most 20,000 characters, 100 levels of parentheses and NOT, and finite numbers.
- `order_by`: ASC when left out; `worker.` may be left out; what is not an integer sorts last in either direction.
"""

from labkit.expressions.compiler import Expression, compile_expression
from labkit.expressions.dialect import Dialect
from labkit.expressions.explain import Trace, explain
from labkit.expressions.operators import searchable
from labkit.expressions.order import Order, compile_order

__all__ = ["Dialect", "Expression", "Order", "Trace", "compile_expression", "compile_order", "explain", "searchable"]
