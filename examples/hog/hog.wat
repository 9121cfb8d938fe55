;; hog: takes all the memory it can get. The host refuses what goes beyond the function's limit; then it gives up.
(module
  (memory (export "memory") 1)

  (func (export "handler") (result i32)
    (loop $more
      ;; 16 pages are 1 MiB. Growing answers with the size before it, or with -1 when it is refused.
      (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
    (unreachable)))
