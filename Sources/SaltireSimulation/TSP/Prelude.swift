extension TSPInstrument {
  /// The instrument's namespace in Lua: attributes access the state machine, and bookkeeping is
  /// done here.
  ///
  /// Series 2600B reference manual 2600BS-901-01, chapter 9.
  static let prelude = """
    local host = ...
    local get, set = host.get, host.set
    local act, measure, wait = host.act, host.measure, host.wait
    local write, take, count, clear = host.write, host.take, host.count, host.clear

    -- Scripts may take the global ones for something else.
    local function copy(library)
      local own = {}
      for key, value in pairs(library) do own[key] = value end
      return own
    end
    local math, string, table = copy(math), copy(string), copy(table)
    local error, ipairs, next, pairs, rawget, rawset = error, ipairs, next, pairs, rawget, rawset
    local setmetatable, tonumber, tostring, type = setmetatable, tonumber, tostring, type
    local globals = _G

    -- What is called from outside of scripts.
    local entries = { begin = function() end, stop = function() end, trigger = function() end,
                      complete = function() end }
    -- Attributes that are not settings, by their whole name.
    local computed = {}
    -- What clients that walk through the namespace find in a metatable.
    local known = {}
    for _, path in ipairs({ host.paths() }) do
      local place, key = string.match(path, "^(.*)%.([^.]*)$")
      if place then
        known[place] = known[place] or { Getters = {}, Setters = {}, Objects = {} }
        known[place].Getters[key] = function() end
        if host.settable(path) then known[place].Setters[key] = function() end end
      end
    end
    for _, path in ipairs({ host.constants() }) do
      local place, key = string.match(path, "^(.*)%.([^.]*)$")
      known[place] = known[place] or { Getters = {}, Setters = {}, Objects = {} }
      known[place].Objects[key] = get(path)
    end

    local function object(path, channel, members)
      local names = known[path] or {}
      return setmetatable(members or {}, {
        Getters = names.Getters, Setters = names.Setters, Objects = names.Objects,
        __index = function(_, key)
          if type(key) ~= "string" then return nil end
          if computed[path .. "." .. key] then return computed[path .. "." .. key]() end
          local value, problem = get(path .. "." .. key, channel)
          if problem then error(problem, 2) end
          return value
        end,
        __newindex = function(_, key, value)
          local problem = set(path .. "." .. key, channel, value)
          if problem then error(problem, 2) end
        end,
      })
    end

    -- A column of a buffer: as a table, and by its function.
    local function column()
      local values = {}
      local function getreading(index) return values[index] end
      return setmetatable({}, {
        __index = function(_, key)
          if key == "getreading" then return getreading end
          return values[key]
        end,
        __newindex = values, __len = function() return #values end,
        Objects = { getreading = getreading }, luatype = "synchronous_table",
      })
    end

    local function buffer()
      local self = {
        appendmode = 0, capacity = 60000, collecttimestamps = 0, collectsourcevalues = 0,
        fillmode = 0, timestampresolution = 1e-6, basetimestamp = 0,
        readings = column(), timestamps = column(), sourcevalues = column(), statuses = column(),
        n = 0, next = 1,
      }
      function self.clear()
        self.readings, self.timestamps = column(), column()
        self.sourcevalues, self.statuses = column(), column()
        self.n, self.next = 0, 1
      end
      function self.clearcache() end
      return setmetatable(self, {
        __index = function(self, key)
          if type(key) == "number" then return self.readings[key] end
        end,
        luatype = "reading_buffer",
      })
    end

    -- What one call measures replaces what was there, unless it is appended.
    local function prepare(into)
      if into and into.appendmode == 0 then into.clear() end
    end

    local function store(into, reading, time, source)
      if not into then return end
      into.n = into.n + 1
      into.next = into.n + 1
      into.readings[into.n] = reading
      into.timestamps[into.n] = time
      into.sourcevalues[into.n] = source
      into.statuses[into.n] = 0
    end

    local function channel(name)
      local function reading(kind)
        return function(first, second)
          local times = get("smuX.measure.count", name) or 1
          local interval = get("smuX.measure.interval", name) or 0
          local v, i, time, source
          prepare(first)
          prepare(second)
          for index = 1, times do
            -- From the beginning of one to that of the next; late ones follow at once.
            if index > 1 then wait(time + interval - host.time()) end
            v, i, time, source = measure(name)
            local all = { v = v, i = i, r = v / i, p = v * i }
            if kind == "iv" then
              store(first, i, time, source)
              store(second, v, time, source)
            else
              store(first, all[kind], time, source)
            end
          end
          if kind == "iv" then return i, v end
          return ({ v = v, i = i, r = v / i, p = v * i })[kind]
        end
      end
      local measures = {}
      for _, kind in ipairs({ "v", "i", "r", "p", "iv" }) do
        local take = reading(kind)
        measures[kind] = take
        measures["overlapped" .. kind] = function(...) take(...) end
      end
      measures.filter = object("smuX.measure.filter", name)
      measures.rel = object("smuX.measure.rel", name)
      local self = {
        measure = object("smuX.measure", name, measures),
        source = object("smuX.source", name),
        trigger = object("smuX.trigger", name),
        contact = object("smuX.contact", name),
        cal = object("smuX.cal", name),
        nvbuffer1 = buffer(), nvbuffer2 = buffer(),
        reset = function()
          entries.stop(name)
          act("reset", name)
        end,
        abort = function() entries.stop(name) end,
      }
      function self.measureivandstep(level)
        local v, i = measure(name)
        local key = self.source.func == 1 and "levelv" or "leveli"
        self.source[key] = level
        return i, v
      end
      function self.makebuffer() return buffer() end
      return object("smuX", name, self)
    end

    -- The tables that have each channel: the instrument's own, and those of
    -- others on its link.
    local made = {}
    node = {}
    for index, name in ipairs({ host.channels() }) do
      made[name] = channel(name)
      local number, own = string.match(name, "^node%[(%d+)%]%.(.+)$")
      if number then
        number = tonumber(number)
        node[number] = node[number] or object("localnode")
        rawset(node[number], own, made[name])
      else
        globals[name] = made[name]
      end
    end
    local isLinked = next(node) ~= nil

    localnode = object("localnode", nil, {
      reset = function() reset() end,
      smua = made.smua, smub = made.smub,
    })
    node[1] = localnode
    format = object("format")
    status = object("status", nil, { reset = function() end })
    display = object("display", nil, {
      clear = function() end, settext = function() end, setcursor = function() end,
      sendkey = function() end, waitkey = function() return 0 end,
      gettext = function() return "" end, loadmenu = { add = function() end },
    })
    beeper = object("beeper", nil, { beep = function() end })
    -- The tables on the way to every attribute that are not there yet.
    local function reach(path, channel)
      local place, sofar = globals, ""
      for word in string.gmatch(path, "([^.]+)%.") do
        sofar = sofar == "" and word or sofar .. "." .. word
        local key = word == "smuX" and channel or word
        if made[key] and place == globals then
          place = made[key]
          goto continue
        end
        if rawget(place, key) == nil then rawset(place, key, object(sofar, channel)) end
        place = rawget(place, key)
        ::continue::
      end
    end
    for _, path in ipairs({ host.paths() }) do
      if string.find(path, "smuX", 1, true) then
        for name in pairs(made) do reach(path, name) end
      else
        reach(path)
      end
    end
    errorqueue = setmetatable({ next = take, clear = clear }, {
      __index = function(_, key) if key == "count" then return count() end end,
      Getters = { count = count }, Setters = {},
    })
    local started = host.time()
    timer = { reset = function() started = host.time() end,
              measure = { t = function() return host.time() - started end } }
    os = { time = function() return math.floor(host.time()) end,
           clock = function() return host.time() end }
    local user, anonymous = { scripts = {} }
    script = { user = user }
    function script.run() return anonymous() end
    function script.delete(name) globals[name], user.scripts[name] = nil, nil end
    function entries.script(body, runs)
      local name = host.name()
      local made = setmetatable({ name = name, run = body, save = function() end },
                                { __call = function(_, ...) return body(...) end })
      if name == "" then
        script.anonymous, anonymous = made, made
      else
        globals[name], user.scripts[name] = made, made
      end
      if runs then made() end
    end
    tsplink = object("tsplink", nil, { reset = function() return #node end,
                                       state = isLinked and "online" or "offline" })
    lan = object("lan", nil, { })
    gpib = object("gpib")
    serial = object("serial")
    digio = object("digio", nil, { writeport = function() end, readport = function() return 0 end,
                                   trigger = {} })
    for line = 1, host.lines() do
      local self = {}
      function self.assert() act("fire", line) end
      function self.release() end
      function self.clear() end
      function self.reset() self.mode, self.pulsewidth, self.stimulus = 0, 10e-6, 0 end
      self.reset()
      digio.trigger[line] = self
    end

    -- Its Lua has no finalisers, which nothing here could end.
    function globals.setmetatable(object, meta)
      if type(meta) == "table" and rawget(meta, "__gc") ~= nil then error("no finalisers", 2) end
      return setmetatable(object, meta)
    end

    -- "You cannot set a delay for zero seconds" (2600BS-901-01, 7-49).
    function delay(seconds)
      if seconds > 0 then wait(seconds) else act("too_small") end
    end
    function opc() act("opc") end
    function reset()
      entries.stop()
      act("reset")
    end
    -- Its Lua is 5.0.
    unpack, globals.table.getn = table.unpack, function(list) return #list end
    function exit() error("exit", 0) end
    function makegetter(t, key) return function() return t[key] end end
    function makesetter(t, key) return function(value) t[key] = value end end

    local function text(value)
      if type(value) == "number" then return host.number(value) end
      return tostring(value)
    end
    local function line(separator, ...)
      local parts = table.pack(...)
      for index = 1, parts.n do parts[index] = text(parts[index]) end
      write(table.concat(parts, separator) .. "\\n")
    end
    function print(...) line("\\t", ...) end
    function printnumber(...) line(", ", ...) end
    function printbuffer(first, last, ...)
      local columns, longest = {}, 0
      for _, column in ipairs({ ... }) do
        local from = rawget(column, "readings") or column
        columns[#columns + 1] = from
        longest = math.max(longest, #from)
      end
      first, last = math.max(first, 1), math.min(last, longest)
      if last < first then return end
      local values = {}
      for index = first, last do
        for _, column in ipairs(columns) do values[#values + 1] = column[index] end
      end
      host.buffer(table.unpack(values))
    end
    """
}
