extension TSPInstrument {
  /// The trigger model in Lua, after the prelude, whose names it uses: event detectors, blenders,
  /// timers, and one sweep for each channel (2600BS-901-01, section 3, and smuX.trigger in chapter
  /// 9).
  ///
  /// A sweep is overlapped: it runs between the message that starts it and the next. Lab time does
  /// not pass meanwhile, so it counts as running until its first query; `waitcomplete()` waits for
  /// it.
  static let triggerModel = """

    -- Events have numbers; a detector holds that its event has been.
    local events, detectors = 0, {}
    local function event()
      events = events + 1
      return events
    end
    local function detector(stimulus)
      local made = { stimulus = stimulus, latched = false }
      detectors[#detectors + 1] = made
      return made
    end
    local function fire(id)
      for _, one in ipairs(detectors) do
        if one.stimulus() == id then
          one.latched = true
          if one.heard then one.heard() end
        end
      end
    end
    -- What detectors have in scripts.
    local function waits(one, into)
      function into.clear() one.latched = false end
      function into.set() one.latched = true end
      function into.wait(limit)
        if not one.latched then wait(limit or 0) end
        local seen = one.latched
        one.latched = false
        return seen
      end
      return into
    end

    local commanded = event()
    local command = detector(function() return commanded end)
    local triggers = waits(command, { EVENT_ID = commanded, blender = {}, timer = {} })
    triggers.set = nil
    trigger = triggers

    for index = 1, 6 do
      local blender = { orenable = false, stimulus = { 0, 0, 0, 0 }, EVENT_ID = event() }
      local inputs = {}
      for input = 1, 4 do
        inputs[input] = detector(function() return blender.stimulus[input] end)
        inputs[input].heard = function()
          for other = 1, 4 do
            local isUsed = blender.stimulus[other] ~= 0
            if not blender.orenable and isUsed and not inputs[other].latched then return end
          end
          for other = 1, 4 do inputs[other].latched = false end
          fire(blender.EVENT_ID)
        end
      end
      local output = detector(function() return blender.EVENT_ID end)
      triggers.blender[index] = waits(output, blender)
    end

    local timers = {}
    for index = 1, 8 do
      local timer = { delay = 10e-6, count = 1, passthrough = false, stimulus = 0,
                      EVENT_ID = event() }
      local start = detector(function() return timer.stimulus end)
      start.heard = function()
        start.latched = false
        timers[index] = { due = host.time() + timer.delay, left = timer.count }
        if timer.passthrough then fire(timer.EVENT_ID) end
      end
      local output = detector(function() return timer.EVENT_ID end)
      triggers.timer[index] = waits(output, timer)
    end
    -- Lets the next timer expire; whether there is one.
    local function expire()
      local first
      for index = 1, 8 do
        if timers[index] and (not first or timers[index].due < timers[first].due) then
          first = index
        end
      end
      if not first then return false end
      local running = timers[first]
      wait(running.due - host.time())
      running.left = running.left - 1
      running.due = running.due + triggers.timer[first].delay
      if running.left == 0 then timers[first] = nil end
      fire(triggers.timer[first].EVENT_ID)
      return true
    end

    local sweeps, sweeping, isAsked = {}, 0, false
    for place, name in ipairs({ host.channels() }) do
      local smu, model = made[name], made[name].trigger
      local sweep = { bit = 2 ^ place }
      sweeps[#sweeps + 1] = sweep
      for _, word in ipairs({ "ARMED", "SOURCE_COMPLETE", "MEASURE_COMPLETE", "PULSE_COMPLETE",
                              "SWEEP_COMPLETE", "SWEEPING", "IDLE" }) do
        rawset(model, word .. "_EVENT_ID", event())
      end
      local layers = {}
      for _, layer in ipairs({ "arm", "source", "measure", "endpulse" }) do
        local at = model[layer]
        layers[layer] = detector(function() return at.stimulus end)
        rawset(at, "set", function() layers[layer].latched = true end)
      end
      local function passes(layer)
        if model[layer].stimulus == 0 then return true end
        local seen = layers[layer].latched
        layers[layer].latched = false
        return seen
      end

      local levels, key, kind, buffers = {}, "levelv", "i", {}
      local function lists(suffix, values)
        levels, key = values, "level" .. suffix
      end
      local function spaced(first, last, points, isLogarithmic)
        local values = {}
        for index = 0, points - 1 do
          local share = points > 1 and index / (points - 1) or 0
          values[index + 1] = isLogarithmic and first * (last / first) ^ share
            or first + (last - first) * share
        end
        return values
      end
      for _, suffix in ipairs({ "v", "i" }) do
        rawset(model.source, "list" .. suffix, function(values)
          local kept = {}
          for index, value in ipairs(values) do kept[index] = value end
          lists(suffix, kept)
        end)
        rawset(model.source, "linear" .. suffix, function(first, last, points)
          lists(suffix, spaced(first, last, points, false))
        end)
        rawset(model.source, "log" .. suffix, function(first, last, points)
          lists(suffix, spaced(first, last, points, true))
        end)
      end
      for _, word in ipairs({ "i", "v", "r", "p", "iv" }) do
        rawset(model.measure, word, function(first, second)
          kind, buffers = word, { first, second }
        end)
      end

      -- 0 goes back to the level outside of sweeps, 1 stays.
      local function ends(action)
        if action == 0 and sweep.idle then smu.source[key] = sweep.idle end
      end
      local steps = {}
      function steps.arm()
        if not passes("arm") then return false end
        sweep.ran, sweep.index, sweep.state = true, 0, "source"
        fire(model.SWEEPING_EVENT_ID)
        fire(model.ARMED_EVENT_ID)
        return true
      end
      function steps.source()
        if not passes("source") then return false end
        if model.source.action ~= 0 and #levels > 0 then
          smu.source[key] = levels[sweep.index % #levels + 1]
        end
        wait(math.max(smu.source.delay, 0))
        sweep.state = "measure"
        fire(model.SOURCE_COMPLETE_EVENT_ID)
        return true
      end
      function steps.measure()
        if model.measure.action ~= 0 then
          if not passes("measure") then return false end
          wait(math.max(smu.measure.delay, 0))
          sweep.take(kind, buffers)
          fire(model.MEASURE_COMPLETE_EVENT_ID)
        end
        sweep.state = "endpulse"
        return true
      end
      function steps.endpulse()
        if not passes("endpulse") then return false end
        ends(model.endpulse.action)
        sweep.index = sweep.index + 1
        local isLast = sweep.index >= model.count
        sweep.state = "source"
        if isLast then
          ends(model.endsweep.action)
          sweep.arms = sweep.arms - 1
          sweep.state = sweep.arms > 0 and "arm" or nil
        end
        fire(model.PULSE_COMPLETE_EVENT_ID)
        if isLast then fire(model.SWEEP_COMPLETE_EVENT_ID) end
        if not sweep.state then fire(model.IDLE_EVENT_ID) end
        return true
      end
      function sweep.step() return sweep.state ~= nil and steps[sweep.state]() end
      function sweep.take(word, into)
        local v, i, time, source = measure(name)
        local all = { v = v, i = i, r = v / i, p = v * i }
        if word == "iv" then
          store(into[1], i, time, source)
          store(into[2], v, time, source)
        else
          store(into[1], all[word], time, source)
        end
      end
      rawset(model, "initiate", function()
        for _, one in pairs(layers) do one.latched = false end
        for index = 1, 2 do prepare(buffers[index]) end
        sweep.arms, sweep.state, sweep.idle = model.arm.count, "arm", smu.source[key]
        host.pending(true)
      end)
    end

    -- More steps than this lead nowhere.
    local most = 1000000
    local function run()
      local left = most
      repeat
        local moved = false
        for _, sweep in ipairs(sweeps) do
          if sweep.step() then moved = true end
        end
        local isBusy = false
        for _, sweep in ipairs(sweeps) do isBusy = isBusy or sweep.state ~= nil end
        if not moved and isBusy then moved = expire() end
        left = left - 1
      until not moved or left == 0
    end
    -- A message begins: what was started before it has run.
    function entries.begin()
      if isAsked then
        for _, sweep in ipairs(sweeps) do
          sweep.ran = sweep.state ~= nil and sweep.state ~= "arm"
        end
      end
      run()
      local isArmed = false
      sweeping, isAsked = 0, false
      for _, sweep in ipairs(sweeps) do
        if sweep.ran then sweeping = sweeping + sweep.bit end
        isArmed = isArmed or sweep.state ~= nil
      end
      host.pending(isArmed or sweeping ~= 0)
    end
    function entries.trigger() fire(commanded) end
    function entries.stop(name)
      for place, sweep in ipairs(sweeps) do
        if not name or name == ({ host.channels() })[place] then
          sweep.state, sweep.ran = nil, nil
        end
      end
      timers, sweeping = {}, 0
    end
    function entries.complete()
      run()
      for _, sweep in ipairs(sweeps) do
        if not sweep.state then sweep.ran = nil end
      end
    end
    waitcomplete = entries.complete
    computed["status.operation.sweeping.condition"] = function()
      isAsked = true
      return sweeping
    end
    """
}
