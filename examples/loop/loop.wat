;; loop: never ends by itself. The host ends it when the function's timeout has passed.
(module
  (memory (export "memory") 1)

  (func (export "handler") (result i32)
    (loop $forever
      (br $forever))
    (unreachable)))
