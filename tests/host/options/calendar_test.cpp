// calendar_test.cpp: the exchange's days against days that are known.
#include <catch2/catch.hpp>

#include "market/options/calendar.h"

using namespace zomma;
using namespace zomma::options;

namespace {
int sessions_of(int year) {
  int count = 0;
  for (Date d = static_cast<Date>(year * 10000 + 101); d / 10000 == static_cast<Date>(year);
       d = add_days(d, 1))
    count += session(d);
  return count;
}
}  // namespace

TEST_CASE("days and numbers turn into each other") {
  CHECK(day_number(19700101) == 0);
  CHECK(day_number(20000301) == 11017);
  CHECK(weekday(19700101) == 3);
  CHECK(weekday(20240119) == 4);
  for (std::int64_t day = 0; day < 25'000; ++day) CHECK(day_number(date_of(day)) == day);
  CHECK_FALSE(valid_date(20230229));
  CHECK(valid_date(20240229));
}

TEST_CASE("the New York Stock Exchange's sessions a year") {
  // As published with the exchange's yearly volumes.
  const int known[][2] = {
      {1998, 252}, {1999, 252}, {2000, 252}, {2001, 248}, {2002, 252}, {2003, 252}, {2004, 252},
      {2005, 252}, {2006, 251}, {2007, 251}, {2008, 253}, {2009, 252}, {2010, 252}, {2011, 252},
      {2012, 250}, {2013, 252}, {2014, 252}, {2015, 252}, {2016, 252}, {2017, 251}, {2018, 251},
      {2019, 252}, {2020, 253}, {2021, 252}, {2022, 251}, {2023, 250}, {2024, 252}, {2025, 250}};
  for (const auto& [year, count] : known) {
    CAPTURE(year);
    CHECK(sessions_of(year) == count);
  }
}

TEST_CASE("holidays and special closings") {
  for (const Date date : {19980410u, 20000421u, 20010911u, 20040611u, 20070102u, 20120406u,
                          20121029u, 20181205u, 20190419u, 20220620u, 20230407u, 20250109u,
                          20250418u, 20211224u, 19991224u, 19980703u, 20300419u}) {
    CAPTURE(date);
    CHECK(holiday(date));
  }
  CHECK(session(20211231));  // New Year 2022 was a Saturday and not kept
  CHECK(session(20210618));  // no Juneteenth before 2022
}

TEST_CASE("early closes") {
  for (const Date date : {20241129u, 20241224u, 20240703u, 20130703u, 20020705u, 20000703u,
                          19991231u, 20031226u, 20231124u, 20230703u}) {
    CAPTURE(date);
    CHECK(early_close(date));
  }
  CHECK_FALSE(early_close(20020703));
  CHECK_FALSE(early_close(20240705));
  CHECK_FALSE(early_close(20201231));
  CHECK(session_times(20241129)->close.value ==
        day_number(20241129) * 86'400'000'000'000 + 18 * 3'600'000'000'000);
}

TEST_CASE("sessions stand in UTC through both rules of daylight saving") {
  const auto opens = [](Date date) {  // minutes after midnight UTC
    return (session_times(date)->open.value / 60'000'000'000) % 1440;
  };
  CHECK(opens(20240308) == 14 * 60 + 30);
  CHECK(opens(20240311) == 13 * 60 + 30);
  CHECK(opens(20241101) == 13 * 60 + 30);
  CHECK(opens(20241104) == 14 * 60 + 30);
  CHECK(opens(20060331) == 14 * 60 + 30);
  CHECK(opens(20060403) == 13 * 60 + 30);
  CHECK(opens(20061027) == 13 * 60 + 30);
  CHECK(opens(20061030) == 14 * 60 + 30);
  CHECK_FALSE(session_times(20240120));
  CHECK_FALSE(session_times(20310102));
  CHECK(new_york_date(new_york(20240119, 23, 30)) == 20240119);
}

TEST_CASE("expiries shift with Saturdays, holidays and the kind of settlement") {
  CHECK(monthly_expiry(2014, 6) == 20140621);  // a Saturday
  CHECK(last_trading_day(20140621, Settlement::pm) == 20140620);
  CHECK(monthly_expiry(2015, 1) == 20150117);
  CHECK(monthly_expiry(2015, 2) == 20150220);
  CHECK(monthly_expiry(2014, 4) == 20140419);  // Good Friday the 18th
  CHECK(last_trading_day(20140419, Settlement::pm) == 20140417);
  CHECK(monthly_expiry(2019, 4) == 20190418);  // Good Friday again, by the later rule
  CHECK(last_trading_day(20240119, Settlement::am) == 20240118);
  CHECK(settlement_day(20240119) == 20240119);
  CHECK(weekly_expiry(20230405) == 20230406);
  CHECK(quarterly_expiry(2024, 1) == 20240328);
  CHECK(quarterly_expiry(2024, 2) == 20240628);
  Contract spx;
  spx.expiry_date = 20240119;
  spx.settlement = Settlement::am;
  REQUIRE(set_times(spx, true));
  CHECK(spx.last_trade == session_times(20240118, true)->close);
  CHECK(spx.expiry == session_times(20240119)->open);
  spx.expiry_date = 20350119;
  CHECK_FALSE(set_times(spx));
}
