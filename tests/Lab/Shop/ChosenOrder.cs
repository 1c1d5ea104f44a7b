using Xunit.Abstractions;
using Xunit.Sdk;

namespace ProdOps.Lab.Tests.Shop;

/// <summary>What happens to the shop happens in the order in which it was chosen, so that a seed repeats a run; xunit's own is by a hash of each case. What else is tested comes after.</summary>
public sealed class ChosenOrder : ITestCaseOrderer
{
    /// <inheritdoc/>
    public IEnumerable<TTestCase> OrderTestCases<TTestCase>(IEnumerable<TTestCase> testCases)
        where TTestCase : ITestCase
    {
        string[] chosen = [.. ShopTests.Chosen.Cast<object[]>().Select(row => (string)row[0])];
        return testCases.OrderBy(test => test.TestMethodArguments is [string what] ? Array.IndexOf(chosen, what) : chosen.Length);
    }
}
