extension TSPInstrument {
  /// The channels of a system switch in Lua, after the prelude: every slot has a matrix card of the
  /// model's rows and columns. If rows have letters, semicolons separate too, and closing only an
  /// empty list opens all.
  ///
  /// Series 3700A reference manual 3700AS-901-01, section 11, and 3700S-901-01; for letters that of
  /// the Models 707B and 708B, 707B-901-01, sections 2 and 7.
  static let switchCards = """

    local rows, columns = host.model("rows"), host.model("columns")
    local hasLetters = host.model("letters") == 1
    local names, closed, forbidden, delays = {}, {}, {}, {}
    local slots = {}
    slot = slots
    for place = 1, host.model("slots") do
      local isFilled = place <= host.model("cards")
      for row = 1, isFilled and rows or 0 do
        for column = 1, columns do
          local letter = hasLetters and string.char(64 + row) or tostring(row)
          names[#names + 1] = string.format("%d%s%02d", place, letter, column)
        end
      end
      slots[place] = {
        idn = isFilled and string.format(hasLetters and "7174A,%dx%d Matrix,01.40h,SIM%d"
          or "3730,%dx%d High Density Matrix,01.40h,SIM%d", rows, columns, place) or "Empty Slot",
        rows = { matrix = isFilled and rows or nil },
        columns = { matrix = isFilled and columns or nil },
        interlock = { state = 0 },
      }
    end
    local place = {}
    for index, name in ipairs(names) do place[name] = index end

    -- What a list names, in its order; nil and an error for what is none.
    local function items(list, takesSlots)
      local function fault() host.report(1115, "Parameter error") end
      if type(list) ~= "string" or not string.find(list, "%S") then return fault() end
      local found = {}
      if hasLetters then list = string.gsub(list, ";", ",") end
      for item in string.gmatch(list .. ",", "%s*([^,]-)%s*,") do
        local first, last = string.match(item, "^(%w+):(%w+)$")
        local number = string.match(item, "^slot(%d)$")
        if takesSlots and (item == "allslots" or number) then
          for _, name in ipairs(names) do
            if not number or string.sub(name, 1, 1) == number then found[#found + 1] = name end
          end
          if number and (tonumber(number) < 1 or tonumber(number) > #slots) then return fault() end
        elseif first and place[first] and place[last] and place[first] <= place[last] then
          for index = place[first], place[last] do found[#found + 1] = names[index] end
        elseif place[item] then
          found[#found + 1] = item
        else
          return fault()
        end
      end
      return found
    end
    -- Those of `wanted` that hold, in the order of the channels; nil for none.
    local function listed(wanted, holds, separator)
      local asked, found = {}, {}
      for _, name in ipairs(wanted) do asked[name] = true end
      for _, name in ipairs(names) do
        if asked[name] and holds[name] then found[#found + 1] = name end
      end
      return #found > 0 and table.concat(found, separator) or nil
    end
    local function closable(list)
      local wanted = items(list, false)
      for _, name in ipairs(wanted or {}) do
        if forbidden[name] then
          host.report(1115, "Parameter error")
          return nil
        end
      end
      return wanted
    end
    local function settle(wanted)
      for _, name in ipairs(wanted) do wait(delays[name] or 0) end
    end

    local switching = {}
    function switching.close(list)
      local wanted = closable(list)
      for _, name in ipairs(wanted or {}) do closed[name] = true end
      settle(wanted or {})
    end
    function switching.open(list)
      for _, name in ipairs(items(list, true) or {}) do closed[name] = nil end
    end
    function switching.exclusiveclose(list)
      if hasLetters and type(list) == "string" and not string.find(list, "%S") then
        closed = {}
        return
      end
      local wanted = closable(list)
      if not wanted then return end
      closed = {}
      switching.close(list)
    end
    function switching.exclusiveslotclose(list)
      local wanted = closable(list)
      for _, name in ipairs(wanted or {}) do
        for other in pairs(closed) do
          if string.sub(other, 1, 1) == string.sub(name, 1, 1) then closed[other] = nil end
        end
      end
      if wanted then switching.close(list) end
    end
    function switching.getclose(list)
      local wanted = items(list, true)
      return wanted and listed(wanted, closed, ";")
    end
    function switching.getstate(list)
      local states = {}
      for _, name in ipairs(items(list, true) or {}) do states[#states + 1] = closed[name] and 1 or 0 end
      return table.concat(states, ",")
    end
    function switching.gettype(list)
      local wanted = items(list, true)
      return wanted and string.rep("1", #wanted, ",")
    end
    function switching.setforbidden(list)
      for _, name in ipairs(items(list, true) or {}) do forbidden[name] = true end
    end
    function switching.clearforbidden(list)
      for _, name in ipairs(items(list, true) or {}) do forbidden[name] = nil end
    end
    function switching.getforbidden(list)
      local wanted = items(list, true)
      return wanted and listed(wanted, forbidden, ",")
    end
    function switching.setdelay(list, seconds)
      for _, name in ipairs(items(list, true) or {}) do delays[name] = seconds end
    end
    function switching.getdelay(list)
      local found = {}
      for _, name in ipairs(items(list, true) or {}) do found[#found + 1] = text(delays[name] or 0) end
      return table.concat(found, ",")
    end
    function switching.reset(list)
      for _, name in ipairs(items(list, true) or {}) do
        closed[name], forbidden[name], delays[name] = nil, nil, nil
      end
    end
    for name, body in pairs(switching) do rawset(globals.channel, name, body) end
    memory = { available = function() return "51.56, 92.84, 0.00, 100.00" end }
    local restart = reset
    function reset()
      restart()
      switching.reset("allslots")
    end
    """
}
