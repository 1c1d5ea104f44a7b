namespace ProdOps.Benchmarks.Corpora.Logs;

/// <summary>How requests end: nearly always well, worse in the minutes of an incident.</summary>
internal static class Statuses
{
    public static int Draw(ref SeededRandom random, RequestKind request, bool incident)
    {
        int chance = random.Below(10_000);
        if (request == RequestKind.Probe)
            return chance < 9_000 ? 404 : 403;
        if (request == RequestKind.File)
            return chance < 2_200 ? 304 : chance < 2_230 ? 404 : chance < 2_330 ? 206 : 200;
        if (incident && chance < 2_500)
            return chance < 900 ? 502 : chance < 1_900 ? 503 : 504;
        return chance switch
        {
            < 6 => 500, < 9 => 502, < 11 => 504, < 160 => 404, < 300 => 301, < 520 => 302, < 560 => 401, < 590 => 403, < 600 => 429, < 640 => 499, < 900 when request == RequestKind.Call => 201,
            < 1_100 when request == RequestKind.Call => 204, _ => 200,
        };
    }

    /// <summary>Whether an answer of this status has the size of what was asked for.</summary>
    public static bool IsWhole(int status) => status is 200 or 201 or 206;
}
