/* SPDX-License-Identifier: GPL-2.0 */
/* Registers of the Cortex-M3 and M4 core that are used; ARM DDI 0403, B3. */
#ifndef BOARD_CORTEXM_H
#define BOARD_CORTEXM_H

#include "port.h"

#define REG(address)		(*(volatile u32 *)(address))

#define SYST_CSR		REG(0xe000e010)
#define SYST_CSR_ENABLE		BIT(0)
#define SYST_CSR_TICKINT	BIT(1)
#define SYST_CSR_CLKSOURCE	BIT(2)
#define SYST_RVR		REG(0xe000e014)
#define SYST_CVR		REG(0xe000e018)

#define NVIC_ISER(n)		REG(0xe000e100 + 4 * ((n) / 32))

#define SCB_VTOR		REG(0xe000ed08)
#define SCB_AIRCR		REG(0xe000ed0c)
#define SCB_AIRCR_RESET		0x05fa0004	/* VECTKEY, SYSRESETREQ */
#define SCB_CCR			REG(0xe000ed14)
#define SCB_CCR_DIV_0_TRP	BIT(4)
#define SCB_SHCSR		REG(0xe000ed24)
#define SCB_SHCSR_MEMFAULTENA	BIT(16)
#define SCB_SHCSR_BUSFAULTENA	BIT(17)
#define SCB_SHCSR_USGFAULTENA	BIT(18)
#define SCB_CFSR		REG(0xe000ed28)
#define SCB_CFSR_MSTKERR	BIT(4)
#define SCB_CFSR_MMARVALID	BIT(7)
#define SCB_CFSR_STKERR		BIT(12)
#define SCB_CFSR_BFARVALID	BIT(15)
#define SCB_HFSR		REG(0xe000ed2c)
#define SCB_MMFAR		REG(0xe000ed34)
#define SCB_BFAR		REG(0xe000ed38)

#define MPU_TYPE		REG(0xe000ed90)
#define MPU_TYPE_DREGION	0xff00
#define MPU_CTRL		REG(0xe000ed94)
#define MPU_CTRL_ENABLE		BIT(0)
#define MPU_RBAR		REG(0xe000ed9c)
#define MPU_RBAR_VALID		BIT(4)
#define MPU_RASR		REG(0xe000eda0)
#define MPU_RASR_ENABLE		BIT(0)
#define MPU_RASR_SIZE(log2)	(((log2) - 1) << 1)
#define MPU_RASR_SRD(eighths)	((eighths) << 8)	/* those not meant */
#define MPU_RASR_DEVICE		(BIT(18) | BIT(16))	/* S, B */
#define MPU_RASR_MEMORY		BIT(17)			/* C */
#define MPU_RASR_READ_WRITE	(3 << 24)
#define MPU_RASR_READ		(6 << 24)
#define MPU_RASR_XN		BIT(28)

static inline void irq_off(void)
{
	__asm__ __volatile__("cpsid i" : : : "memory");
}

static inline void irq_on(void)
{
	__asm__ __volatile__("cpsie i" : : : "memory");
}

static inline void barrier_sync(void)
{
	__asm__ __volatile__("dsb\n\tisb" : : : "memory");
}

#endif
